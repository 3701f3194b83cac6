import type { FeatureCollection } from 'geojson';
import type { GeoJSONSource, LayerSpecification } from 'maplibre-gl';
import type { Box, Drawing, Item, Link } from '../catalogue/stac';
import { keyOf } from '../catalogue/stac';
import { asProblem, type Problem } from '../server/problem';
import { getJson, onThisOrigin } from '../server/request';
import { Store } from '../store';
import { theme } from '../ui/theme';
import { firstOverlay } from './map-style';
import { palette } from './palette';
import type { WorldMap } from './world-map';

/** An item that is drawn on the map by its tiles or its features. */
export interface Drawn {
  readonly item: Item;
  readonly drawing: Drawing;
  readonly opacity: number;
  readonly loading: boolean;
  readonly problem: Problem | null;
  /** The features drawn of those in the view, and whether there are more; null for tiles. */
  readonly features: { readonly drawn: number; readonly more: boolean } | null;
}

interface TileJson {
  readonly tiles: readonly string[];
  readonly minzoom?: number;
  readonly maxzoom?: number;
  readonly bounds?: readonly [number, number, number, number];
}

const featurePageSize = 500;
const mostFeatures = 2_000;
const tileSize = 256;

/** Everything drawn now, by the item's key. */
export const drawn = new Store<ReadonlyMap<string, Drawn>>(new Map());

/** Draws items between the land and the borders, and keeps features in step with the view. */
export class Drawings {
  readonly #map: WorldMap;
  readonly #reading = new Map<string, AbortController>();

  constructor(map: WorldMap) {
    this.#map = map;
  }

  /** Draws the item; what came of it shows in {@link drawn}. */
  async show(item: Item, drawing: Drawing, view: Box | null): Promise<void> {
    const key = keyOf(item);
    put(key, { item, drawing, opacity: 1, loading: true, problem: null, features: null });
    await this.#map.whenReady();
    try {
      if (drawing.kind === 'tiles') await this.#addTiles(key, drawing.tileJson);
      else await this.#addFeatures(key, drawing.items, view);
      this.#map.map.setFeatureState({ source: 'footprints', id: key }, { shown: true });
      change(key, { loading: false });
    } catch (thrown) {
      change(key, { loading: false, problem: asProblem(thrown) });
    }
  }

  hide(item: Item): void {
    const key = keyOf(item);
    const map = this.#map.map;
    this.#reading.get(key)?.abort();
    this.#reading.delete(key);
    for (const layer of layersOf(key)) if (map.getLayer(layer)) map.removeLayer(layer);
    if (map.getSource(sourceOf(key))) map.removeSource(sourceOf(key));
    map.setFeatureState({ source: 'footprints', id: key }, { shown: false });
    drawn.update((before) => new Map([...before].filter(([other]) => other !== key)));
  }

  setOpacity(item: Item, opacity: number): void {
    const key = keyOf(item);
    for (const layer of layersOf(key)) {
      const type = this.#map.map.getLayer(layer)?.type;
      const value = fullOpacity(layer) * opacity;
      if (type) this.#map.map.setPaintProperty(layer, `${type}-opacity` as never, value as never);
    }
    change(key, { opacity });
  }

  /** The view changed: reads the features that are in it now. */
  async moved(view: Box): Promise<void> {
    for (const [key, { drawing, problem }] of drawn.value)
      if (drawing.kind === 'features' && problem === null) await this.#readFeatures(key, drawing.items, view);
  }

  async #addTiles(key: string, href: string): Promise<void> {
    const described = await getJson<TileJson>(onThisOrigin(href));
    const map = this.#map.map;
    if (!drawn.value.has(key)) return;
    map.addSource(sourceOf(key), {
      type: 'raster', tileSize,
      tiles: described.tiles.map(templateOnThisOrigin),
      minzoom: described.minzoom ?? 0, maxzoom: described.maxzoom ?? 22,
      ...(described.bounds ? { bounds: [...described.bounds] as [number, number, number, number] } : {}),
    });
    const paint = { 'raster-fade-duration': 150 };
    map.addLayer({ id: `${sourceOf(key)}:tiles`, type: 'raster', source: sourceOf(key), paint }, firstOverlay);
  }

  async #addFeatures(key: string, href: string, view: Box | null): Promise<void> {
    const map = this.#map.map;
    map.addSource(sourceOf(key), { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    for (const layer of featureLayers(key)) map.addLayer(layer, firstOverlay);
    await this.#readFeatures(key, href, view);
  }

  async #readFeatures(key: string, href: string, view: Box | null): Promise<void> {
    this.#reading.get(key)?.abort();
    const mine = new AbortController();
    this.#reading.set(key, mine);
    try {
      const { features, more } = await readAll(href, view, mine.signal);
      const source = this.#map.map.getSource<GeoJSONSource>(sourceOf(key));
      await source?.setData({ type: 'FeatureCollection', features });
      change(key, { features: { drawn: features.length, more } });
    } catch (thrown) {
      if (!mine.signal.aborted) throw thrown;
    }
  }
}

// Page after page until the view is complete or the map has enough.
async function readAll(
  href: string, view: Box | null, signal: AbortSignal,
): Promise<{ features: FeatureCollection['features']; more: boolean }> {
  const first = new URL(onThisOrigin(href));
  first.searchParams.set('limit', String(featurePageSize));
  if (view) first.searchParams.set('bbox', view.map((degrees) => degrees.toFixed(6)).join(','));
  const features: FeatureCollection['features'] = [];
  let next: string | null = first.href;
  while (next !== null && features.length < mostFeatures) {
    const page: FeatureCollection & { links?: readonly Link[] } = await getJson(next, signal);
    features.push(...page.features);
    const link: Link | undefined = page.links?.find((candidate) => candidate.rel === 'next');
    next = link ? onThisOrigin(link.href) : null;
  }
  return { features, more: next !== null };
}

// A tile address holds {z}/{x}/{y}, which URL would escape.
function templateOnThisOrigin(template: string): string {
  return onThisOrigin(template).replaceAll('%7B', '{').replaceAll('%7D', '}');
}

function sourceOf(key: string): string {
  return `item:${key}`;
}

function layersOf(key: string): string[] {
  return ['tiles', 'areas', 'lines', 'points'].map((part) => `${sourceOf(key)}:${part}`);
}

function fullOpacity(layer: string): number {
  return layer.endsWith(':areas') ? 0.3 : 1;
}

function featureLayers(key: string): LayerSpecification[] {
  const colors = palette(theme.value);
  const source = sourceOf(key);
  return [
    {
      id: `${source}:areas`, type: 'fill', source, filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': colors.vector, 'fill-opacity': 0.3 },
    },
    {
      id: `${source}:lines`, type: 'line', source, filter: ['!=', ['geometry-type'], 'Point'],
      paint: { 'line-color': colors.vector, 'line-width': 1.2 },
    },
    {
      id: `${source}:points`, type: 'circle', source, filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-color': colors.vector, 'circle-radius': 4, 'circle-stroke-width': 1,
        'circle-stroke-color': colors.nameHalo,
      },
    },
  ];
}

function put(key: string, value: Drawn): void {
  drawn.update((before) => new Map([...before, [key, value]]));
}

function change(key: string, changed: Partial<Drawn>): void {
  const before = drawn.value.get(key);
  if (before) put(key, { ...before, ...changed });
}
