import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

/** The sea between the continents of the live map: what the network's own things are drawn in. */
const tide: MantineColorsTuple = [
  ...(['#e3fbf8', '#cdf3ee', '#9fe6dd', '#6dd8cb', '#45ccbc'] as const),
  ...(['#2bc4b2', '#0f9d8e', '#087f73', '#00655b', '#004e46'] as const),
];

/** Night: surfaces of the dark theme, from text to deepest ground. */
const dark: MantineColorsTuple = [
  ...(['#d5dbe8', '#aab4c8', '#8a95ad', '#5f6b85', '#3a4560'] as const),
  ...(['#2a344c', '#1b2439', '#121a2c', '#0c1322', '#070c18'] as const),
];

const PRIMARY = 'tide';

/** Text on a filled button is readable in both themes: Mantine chooses it for the light one and keeps it. */
const readableOnFilled: VariantColorsResolver = (input) => {
  const colours = defaultVariantColorsResolver(input);
  const isPrimary = input.color === undefined || input.color === PRIMARY;
  return input.variant === 'filled' && isPrimary
    ? { ...colours, color: 'var(--mantine-primary-color-contrast)' }
    : colours;
};

export const theme = createTheme({
  primaryColor: PRIMARY,
  variantColorResolver: readableOnFilled,
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  colors: { tide, dark },
  fontFamily:
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang TC', 'Microsoft JhengHei', 'Noto Sans TC', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, monospace",
  defaultRadius: 'md',
  cursorType: 'pointer',
  headings: { fontWeight: '650' },
  components: { Anchor: { defaultProps: { underline: 'hover' } } },
});

/** Grey and red texts stay readable: Mantine's own are below 4.5 : 1 on white. */
export const readableGreys: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#545d69',
    '--mantine-color-placeholder': '#5f6874',
    '--mantine-color-red-text': '#c92a2a',
    '--mantine-color-red-light-color': '#b02525',
    '--mantine-color-error': '#c92a2a',
  },
  dark: { '--mantine-color-placeholder': '#8a95ad' },
});
