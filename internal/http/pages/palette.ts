// Which colours a page has, in light and in dark; all that is to be read can be, also in the colour that an
// operator chose.

import { contrastOf, mix, parseColour, printColour, readableOn } from './colour.ts';

export type Scheme = 'light' | 'dark';

/** Accents as `#rgb` or `#rrggbb`. */
export type Accents = { readonly [Name in Scheme]?: string | undefined };

const BASE = {
  light: {
    ink: '#1b2330',
    soft: '#545f70',
    paper: '#ffffff',
    back: '#f3f5f8',
    tint: '#f3f5f9',
    line: '#dde2ea',
    edge: '#7b8698',
    alarm: '#a5201a',
    'alarm-tint': '#fdeeec',
    care: '#7a5200',
    'care-tint': '#fff6e1',
  },
  dark: {
    ink: '#e8ecf3',
    soft: '#a7b1c1',
    paper: '#181d26',
    back: '#0f1218',
    tint: '#212835',
    line: '#2e3746',
    edge: '#77839a',
    alarm: '#ffb3ab',
    'alarm-tint': '#3b1a19',
    care: '#f3c969',
    'care-tint': '#2f2716',
  },
} as const;

const ACCENT = { light: '#2456c8', dark: '#8fb0ff' } as const;

export type Palette = { readonly [Name in keyof (typeof BASE)['light']]: string } & {
  /** What is to be pressed, and what is written on it. */
  readonly main: string;
  readonly 'on-main': string;
  readonly 'main-pressed': string;
  /** The same colour where it is read: links, marks and the ring of the focus. */
  readonly mark: string;
};

// With these two, one of them can be read on every colour there is.
const BLACK = '#000000';
const WHITE = '#ffffff';
const TEXT = 4.5;

export function paletteFor(scheme: Scheme, accents: Accents): Palette {
  const base = BASE[scheme];
  const main = accentFor(scheme, accents);
  const onMain = contrastOf(main, WHITE) >= contrastOf(main, BLACK) ? WHITE : BLACK;
  const towards = scheme === 'light' ? BLACK : WHITE;
  return {
    ...base,
    main,
    'on-main': onMain,
    // Away from what is written on it.
    'main-pressed': mix(main, onMain === WHITE ? BLACK : WHITE, 0.15),
    mark: readableOn(main, [base.paper, base.back, base.tint], towards, TEXT),
  };
}

// Without one for dark pages, that for light ones, until it stands out there.
function accentFor(scheme: Scheme, { light, dark }: Accents): string {
  const own = scheme === 'light' ? light : dark;
  if (own !== undefined) return printColour(parseColour(own));
  if (scheme === 'light' || light === undefined) return ACCENT[scheme];
  return readableOn(printColour(parseColour(light)), [BASE.dark.paper], WHITE, TEXT);
}

/** Declarations of custom properties. */
export const printPalette = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ');
