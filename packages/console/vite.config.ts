import {
  convertCssVariables,
  defaultCssVariablesResolver,
  DEFAULT_THEME,
  mergeMantineTheme,
} from '@mantine/core'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { theme, themeVariables } from './src/theme/theme.ts'

/**
 * Fills the style sheet of the theme's CSS variables. Mantine would write them into a `<style>` of the
 * page, which a Content-Security-Policy without 'unsafe-inline' forbids.
 */
function themeVariablesSheet(): Plugin {
  return {
    name: 'theme-variables',
    load: (id) => {
      if (!id.endsWith('/src/theme/theme-variables.css')) return undefined
      const whole = mergeMantineTheme(DEFAULT_THEME, theme)
      const ours = themeVariables(whole)
      const all = defaultCssVariablesResolver(whole)
      const variables = {
        variables: { ...all.variables, ...ours.variables },
        light: { ...all.light, ...ours.light, '--mantine-color-scheme': 'light' },
        dark: { ...all.dark, ...ours.dark, '--mantine-color-scheme': 'dark' },
      }
      return convertCssVariables(variables, ':root')
    },
  }
}

/**
 * Puts the style sheet behind what the page shows at once: in its head, it would be waited for before
 * anything is painted. Scripts wait for it there as well, so that nothing is drawn without it.
 */
function styleSheetBehindFirstPaint(): Plugin {
  const sheets = / *<link rel="stylesheet"[^>]*>\n/g
  return {
    name: 'style-sheet-behind-first-paint',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => {
        const found = (html.match(sheets) ?? []).join('')
        return html.replace(sheets, '').replace('    <noscript>', `${found}    <noscript>`)
      },
    },
  }
}

const RULES = /[/]core[/]src[/]|[/]tldts[/]|[/]tr46[/]/

export default defineConfig({
  plugins: [react(), themeVariablesSheet(), styleSheetBehindFirstPaint()],
  resolve: {
    alias: {
      // The core reads the list of suffixes from where Node finds it; one copy of it is enough.
      'tldts/dist/cjs/src/data/trie.js': 'tldts/dist/es6/src/data/trie.js',
    },
  },
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    // A data: URL would need a word in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The rules are pure: a page that needs a constant of theirs does not load the lists of names.
      treeshake: { moduleSideEffects: (id) => !RULES.test(id) },
      output: {
        codeSplitting: {
          // One file of all that pages share: of two dozen, each takes its turn on a slow line.
          groups: [{ name: 'shared', test: (id) => !RULES.test(id), minShareCount: 2 }],
        },
      },
    },
  },
})
