import type { Feature, FeatureCollection, Geometry, Polygon } from 'geojson';
import type { LngLatBoundsLike } from 'maplibre-gl';
import { boxOf, keyOf, titleOf, type Box, type Item } from '../catalogue/stac';

// Square degrees; about a seventh of the world.
const widest = 9_000;

/** The footprints as the map's source takes them, larger ones first so that smaller ones can be pointed at. */
export function footprintsOf(items: readonly Item[]): FeatureCollection {
  const outlines = items
    .map((item) => ({ item, box: boxOf(item) }))
    .sort((one, other) => area(other.box) - area(one.box));
  const features = outlines.flatMap(({ item, box }): Feature[] => {
    const geometry: Geometry | null = item.geometry ?? (box ? outline(box) : null);
    if (!geometry) return [];
    const properties = { key: keyOf(item), title: titleOf(item), wide: area(box) > widest };
    const place: Feature = { type: 'Feature', properties, geometry };
    return box && area(box) < 4 ? [place, mark(properties, box)] : [place];
  });
  return { type: 'FeatureCollection', features };
}

/** A box as the map's bounds; across the antimeridian its east end goes on past 180 degrees. */
export function boundsOf([west, south, east, north]: Box): LngLatBoundsLike {
  return [[west, Math.max(south, -85)], [east < west ? east + 360 : east, Math.min(north, 85)]];
}

/** The box around all items; null when none has a place. */
export function around(items: readonly Item[]): Box | null {
  const boxes = items.map(boxOf).filter((box) => box !== null);
  if (boxes.length === 0) return null;
  return boxes.reduce(([west, south, east, north], box) => [
    Math.min(west, box[0]), Math.min(south, box[1]),
    Math.max(east, box[2] < box[0] ? box[2] + 360 : box[2]), Math.max(north, box[3]),
  ]);
}

/** A view of the map as a box to search by: at most the world, and degrees within ±180. */
export function searchBox(west: number, south: number, east: number, north: number): Box {
  const [low, high] = [Math.max(south, -90), Math.min(north, 90)];
  if (east - west >= 360) return [-180, low, 180, high];
  return [turn(west), low, turn(east), high];
}

function turn(longitude: number): number {
  return ((((longitude + 180) % 360) + 360) % 360) - 180;
}

function mark(properties: Readonly<Record<string, unknown>>, [west, south, east, north]: Box): Feature {
  const middle = (west + (east < west ? east + 360 : east)) / 2;
  const geometry: Geometry = { type: 'Point', coordinates: [middle, (south + north) / 2] };
  return { type: 'Feature', properties: { ...properties, mark: true }, geometry };
}

function area(box: Box | null): number {
  return box ? (box[2] < box[0] ? box[2] + 360 - box[0] : box[2] - box[0]) * (box[3] - box[1]) : 0;
}

/** A box as a polygon; across the antimeridian it goes on past 180 degrees. */
export function outline([west, south, eastEnd, north]: Box): Polygon {
  const east = eastEnd < west ? eastEnd + 360 : eastEnd;
  return {
    type: 'Polygon',
    coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
  };
}
