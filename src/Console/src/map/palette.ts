import type { Theme } from '../ui/theme';

/** The map's colours. They are the map's own: a canvas cannot read the page's style sheet. */
export interface Palette {
  readonly ocean: string;
  readonly land: string;
  readonly shore: string;
  readonly border: string;
  readonly grid: string;
  readonly name: string;
  readonly nameHalo: string;
  readonly footprint: string;
  readonly footprintFill: number;
  readonly chosen: string;
  readonly vector: string;
}

const palettes: Readonly<Record<Theme, Palette>> = {
  light: {
    ocean: '#cfe0e8', land: '#f5f3ec', shore: '#a9c0ca', border: '#c9c4b6', grid: '#bfd3dd',
    name: '#5d6a72', nameHalo: '#f5f3ec', footprint: '#d9480f', footprintFill: 0.14, chosen: '#0b5c6b',
    vector: '#7048e8',
  },
  dark: {
    ocean: '#0c1820', land: '#1b2830', shore: '#37505e', border: '#34454f', grid: '#142530',
    name: '#93a7b3', nameHalo: '#131f27', footprint: '#ffa94d', footprintFill: 0.16, chosen: '#66e0d5',
    vector: '#b197fc',
  },
};

/** The colours of a theme. */
export function palette(theme: Theme): Palette {
  return palettes[theme];
}
