import type { Geometry } from 'geojson';

/** A link of the STAC or Features API. */
export interface Link {
  readonly rel: string;
  readonly href: string;
  readonly type?: string;
  readonly title?: string;
  readonly method?: string;
}

/** An asset: a file of an item. */
export interface Asset {
  readonly href: string;
  readonly type?: string;
  readonly title?: string;
  readonly roles?: readonly string[];
  readonly 'file:size'?: number;
}

/** A STAC item, as far as the console reads it. */
export interface Item {
  readonly type: 'Feature';
  readonly id: string;
  readonly collection: string;
  readonly geometry: Geometry | null;
  readonly bbox?: readonly number[];
  readonly properties: Readonly<Record<string, unknown>>;
  readonly links: readonly Link[];
  readonly assets: Readonly<Record<string, Asset>>;
}

/** A page of a search. */
export interface ItemPage {
  readonly features: readonly Item[];
  readonly links: readonly Link[];
  readonly numberMatched?: number;
  readonly numberReturned?: number;
}

/** A STAC collection, as far as the console reads it. */
export interface Collection {
  readonly id: string;
  readonly title?: string;
  readonly description?: string;
}

/** A box on the map, degrees; west is greater than east across the antimeridian. */
export type Box = readonly [west: number, south: number, east: number, north: number];

/** What identifies an item across collections. */
export function keyOf(item: Pick<Item, 'collection' | 'id'>): string {
  return `${item.collection}/${item.id}`;
}

/** An item's title, or its id. */
export function titleOf(item: Item): string {
  const title = item.properties['title'];
  return typeof title === 'string' && title.length > 0 ? title : item.id;
}

/** The two-dimensional box of an item; null for an item without a place. */
export function boxOf(item: Item): Box | null {
  const bbox = item.bbox;
  if (!bbox) return null;
  const [west, south, east, north] = bbox.length === 6 ? [bbox[0], bbox[1], bbox[3], bbox[4]] : bbox;
  return west === undefined || south === undefined || east === undefined || north === undefined
    ? null : [west, south, east, north];
}

/** The item's time, or the two ends of its interval. */
export function timesOf(item: Item): readonly string[] {
  const text = (name: string): string | null => {
    const value = item.properties[name];
    return typeof value === 'string' ? value : null;
  };
  const [single, start, end] = [text('datetime'), text('start_datetime'), text('end_datetime')];
  if (start && end && start !== end) return [start, end];
  return [single ?? start ?? end].filter((time) => time !== null);
}

/** Where the item's picture for a list is: a thumbnail, else an overview that a browser can show. */
export function thumbnailOf(item: Item): Asset | null {
  const assets = Object.values(item.assets);
  const picture = (asset: Asset): boolean => /^image\/(png|jpeg|webp)/.test(asset.type ?? '');
  return assets.find((asset) => asset.roles?.includes('thumbnail'))
    ?? assets.find((asset) => asset.roles?.includes('overview') && picture(asset))
    ?? previewLink(item);
}

function previewLink(item: Item): Asset | null {
  const link = item.links.find(({ rel, type }) => rel === 'preview' && type?.startsWith('image/'));
  return link ? { href: link.href } : null;
}

/** How an item can be drawn: as map tiles, as features, or only by its footprint. */
export type Drawing = { readonly kind: 'tiles'; readonly tileJson: string }
  | { readonly kind: 'features'; readonly items: string };

/** The way to draw an item that its links offer; null when there is none. */
export function drawingOf(item: Item): Drawing | null {
  const every: readonly Link[] = [
    ...item.links,
    ...Object.entries(item.assets).map(([name, asset]): Link => ({ ...asset, rel: name })),
  ];
  const tiles = every.find(({ rel, type }) => rel === 'tilejson' || rel === 'tiles' && /json/.test(type ?? 'json'));
  if (tiles) return { kind: 'tiles', tileJson: tiles.href };
  const features = every.find((link) => link.rel === 'items' || link.rel === 'features');
  return features ? { kind: 'features', items: features.href } : null;
}
