import type { Locator, Page } from 'playwright-core'

/** How somebody works a page: with a mouse, or with nothing but keys. */
export interface Hands {
  /** Presses a button, follows a link, or chooses a radio button. */
  press(target: Locator): Promise<void>
  /** Puts text into a field in one go, as a paste does, and leaves the field in focus. */
  paste(target: Locator, text: string): Promise<void>
}

/** A mouse, and keys for text alone. */
export function mouse(page: Page): Hands {
  return {
    press: (target) => target.click(),
    paste: async (target, text) => {
      await target.click()
      await page.keyboard.insertText(text)
    },
  }
}

/** How many times Tab is pressed before the way to something counts as barred. */
const TABS_MAX = 80

/** Keys alone: Tab to get there, Enter for links and buttons, arrows among radio buttons. */
export function keyboard(page: Page): Hands {
  return {
    press: async (target) => {
      await target.waitFor()
      const isRadio = (await target.getAttribute('type')) === 'radio'
      await (isRadio ? choose(page, target) : tabTo(page, target))
      if (!isRadio) await page.keyboard.press('Enter')
    },
    paste: async (target, text) => {
      await target.waitFor()
      await tabTo(page, target)
      await page.keyboard.insertText(text)
    },
  }
}

async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let tabs = 0; tabs < TABS_MAX; tabs++) {
    if (await isFocused(target)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`no way to ${String(target)} by Tab`)
}

/** Tab leads to one radio button of a group, arrows to the others. */
async function choose(page: Page, target: Locator): Promise<void> {
  const name = (await target.getAttribute('name')) ?? ''
  const group = page.locator(`input[name="${name}"]`)
  await tabTo(page, group.and(page.locator(':focus')).or(group.first()).first())
  for (let arrows = await group.count(); arrows > 0 && !(await isFocused(target)); arrows--) {
    await page.keyboard.press('ArrowDown')
  }
  if (!(await target.isChecked())) await page.keyboard.press('Space')
}

function isFocused(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === element.ownerDocument.activeElement)
}
