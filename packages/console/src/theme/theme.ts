import {
  type ConvertCSSVariablesInput,
  createTheme,
  colorsTuple,
  type MantineTheme,
} from '@mantine/core'

/** How the console looks: one accent colour, the system's own fonts, 14 to 16 px. */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  colors: {
    // Mantine's own greys are warm; beside the accent they look brown.
    dark: colorsTuple(
      '#dde1e6 #b9c0c9 #949ca7 #6b7480 #454c56 #363c45 #262b32 #1d2126 #15181c #0f1114'.split(' '),
    ),
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  // Nothing is smaller than 14 px.
  fontSizes: { xs: '0.875rem', sm: '0.9375rem', md: '1rem' },
  defaultRadius: 'md',
  headings: { fontWeight: '600' },
  respectReducedMotion: true,
  components: {
    Switch: { defaultProps: { withThumbIndicator: false } },
  },
})

/** What the theme adds to Mantine's variables: three states, told by words first and colour second. */
export function themeVariables(base: MantineTheme): ConvertCSSVariablesInput {
  const { colors } = base
  return {
    variables: {},
    light: {
      // Mantine's own are too dark for the text upon them.
      '--mantine-color-blue-light': '#e7f2fd',
      '--mantine-color-blue-light-hover': '#d6e8fb',
      '--mantine-color-dimmed': '#5c6470',
      '--kf-page': '#f7f8fa',
      '--kf-surface': '#ffffff',
      '--kf-border': '#dfe3e8',
      '--kf-quiet': '#f1f3f6',
      '--kf-good': '#1b6e3c',
      '--kf-good-surface': '#e7f5ec',
      '--kf-warn': '#8a4b00',
      '--kf-warn-surface': '#fff3dc',
      '--kf-bad': '#b42318',
      '--kf-bad-surface': '#fdeceb',
      '--kf-accent': colors['blue']?.[9] ?? '#1864ab',
      '--kf-accent-surface': '#e8f1fc',
    },
    dark: {
      // Mantine's own is white: what can be pressed would look like what can be read.
      '--mantine-color-blue-light-color': colors['blue']?.[3] ?? '#74c0fc',
      '--mantine-color-dimmed': '#a3abb6',
      '--kf-page': '#15181c',
      '--kf-surface': '#1d2126',
      '--kf-border': '#363c45',
      '--kf-quiet': '#262b32',
      '--kf-good': '#7fd8a0',
      '--kf-good-surface': '#16301f',
      '--kf-warn': '#f5c26b',
      '--kf-warn-surface': '#372a12',
      '--kf-bad': '#ff9c93',
      '--kf-bad-surface': '#3b1c1a',
      '--kf-accent': colors['blue']?.[3] ?? '#74c0fc',
      '--kf-accent-surface': '#182c44',
    },
  }
}
