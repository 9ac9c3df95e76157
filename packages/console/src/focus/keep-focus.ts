/** Where the keyboard stands, and what stood before it on the page. */
interface Place {
  readonly element: HTMLElement
  readonly before: readonly HTMLElement[]
}

const CONTROLS = 'a[href], button, input, select, textarea, [tabindex="0"]'

/**
 * Keeps the keyboard on the page for as long as this runs: where the control that has it goes away or
 * is switched off (a row that is removed, a bar that is saved, a dialog that closes), the control
 * before it takes over, and on another page its heading. Never the one after it: a key that is held
 * down would press that too.
 */
export function keepFocus(page: Document): void {
  let last: Place | undefined
  let underDialogs: Place | undefined
  page.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement)) return
    last = placeOf(target, page)
    if (target.closest('main') !== null) underDialogs = last
  })
  // Who clicks beside every control has let go of them.
  page.addEventListener('pointerdown', () => {
    last = undefined
  })
  const watch = new MutationObserver(() => {
    if (last === undefined || isWaiting(last.element)) return
    if (isUsable(last.element)) {
      // A button is switched off while it waits for its answer, and on again.
      if (page.activeElement === page.body) last.element.focus()
      return
    }
    const under = last.element.closest('main') === null && !isInDialog(page) ? underDialogs : last
    const from = under ?? last
    // What asked for the dialog may still wait for something: it gets the keyboard back after that.
    if (!isWaiting(from.element)) successor(from, page)?.focus()
  })
  watch.observe(page, { subtree: true, childList: true, attributeFilter: ['disabled'] })
}

function placeOf(element: HTMLElement, page: Document): Place {
  const controls = [...(page.querySelector('main')?.querySelectorAll<HTMLElement>(CONTROLS) ?? [])]
  return { element, before: controls.slice(0, Math.max(0, controls.indexOf(element))) }
}

function successor({ element, before }: Place, page: Document): HTMLElement | undefined {
  return [...before, element].findLast(isUsable) ?? heading(page)
}

/** Nothing of the page before is left: the person hears and sees where they are now. */
function heading(page: Document): HTMLElement | undefined {
  const title = page.querySelector<HTMLElement>('main h1') ?? undefined
  if (title !== undefined) title.tabIndex = -1
  return title
}

function isUsable(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(':disabled') && element.checkVisibility()
}

function isWaiting(element: HTMLElement): boolean {
  return element.isConnected && element.matches('[data-loading]')
}

function isInDialog(page: Document): boolean {
  return page.activeElement?.closest('[role="dialog"]') !== null
}
