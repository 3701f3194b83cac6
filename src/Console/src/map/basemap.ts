import type {
  Feature, FeatureCollection, GeoJsonProperties, Geometry, MultiPolygon, Point, Polygon, Position,
} from 'geojson';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { unwrap } from './unwrap';
import coarseUrl from 'world-atlas/countries-110m.json?url';
import mediumUrl from 'world-atlas/countries-50m.json?url';
import fineUrl from 'world-atlas/countries-10m.json?url';

/** How much of Natural Earth is drawn; each is fetched from this server when the map first needs it. */
export type Detail = 'coarse' | 'medium' | 'fine';

/** The world as the map's sources take it. */
export interface Basemap {
  readonly land: FeatureCollection<Geometry, GeoJsonProperties>;
  readonly borders: Feature<Geometry, GeoJsonProperties>;
  readonly names: FeatureCollection<Point, CountryName>;
}

/** A country's name at the middle of its largest part; `rank` is small for large countries. */
export interface CountryName {
  readonly name: string;
  readonly rank: number;
}

interface WorldObjects {
  readonly countries: GeometryCollection<{ name: string }>;
  readonly land: GeometryCollection;
  readonly [name: string]: GeometryCollection<GeoJsonProperties>;
}

const urls: Readonly<Record<Detail, string>> = { coarse: coarseUrl, medium: mediumUrl, fine: fineUrl };

/** The detail that a zoom level shows. */
export function detailAt(zoom: number): Detail {
  return zoom < 2.5 ? 'coarse' : zoom < 5.5 ? 'medium' : 'fine';
}

/** Fetches and unpacks one detail of the world. */
export async function loadBasemap(detail: Detail): Promise<Basemap> {
  const response = await fetch(urls[detail]);
  if (!response.ok) throw new Error(`The basemap was answered with ${response.status}.`);
  const world = (await response.json()) as Topology<WorldObjects & Record<string, GeometryCollection>>;
  const { countries, land } = world.objects;
  return {
    land: unwrapped(feature(world, land)),
    borders: {
      type: 'Feature', properties: {},
      geometry: unwrap(mesh(world, countries, (one, other) => one !== other)),
    },
    names: names(feature(world, countries).features as Feature<Geometry, { name: string }>[]),
  };
}

function unwrapped(
  land: FeatureCollection<Geometry, GeoJsonProperties>,
): FeatureCollection<Geometry, GeoJsonProperties> {
  return { ...land, features: land.features.map((part) => ({ ...part, geometry: unwrap(part.geometry) })) };
}

function names(countries: readonly Feature<Geometry, { name: string }>[]): FeatureCollection<Point, CountryName> {
  const features = countries.flatMap((country): Feature<Point, CountryName>[] => {
    const ring = largestRing(country.geometry && unwrap(country.geometry));
    if (!ring) return [];
    const area = ringArea(ring);
    const rank = Math.round(10 - Math.log2(area + 0.01));
    const properties = { name: country.properties.name, rank };
    return [{ type: 'Feature', properties, geometry: { type: 'Point', coordinates: centroid(ring) } }];
  });
  return { type: 'FeatureCollection', features };
}

function largestRing(geometry: Geometry | null): Position[] | null {
  const polygons = geometry?.type === 'Polygon' ? [(geometry as Polygon).coordinates]
    : geometry?.type === 'MultiPolygon' ? (geometry as MultiPolygon).coordinates : [];
  let largest: Position[] | null = null;
  for (const [outer] of polygons)
    if (outer && (!largest || ringArea(outer) > ringArea(largest))) largest = outer;
  return largest;
}

// Square degrees, shrunk towards the poles as the ground is.
function ringArea(ring: readonly Position[]): number {
  const middle = ring.reduce((sum, point) => sum + (point[1] ?? 0), 0) / Math.max(ring.length, 1);
  return Math.abs(signedArea(ring)) * Math.cos((middle * Math.PI) / 180);
}

function signedArea(ring: readonly Position[]): number {
  let sum = 0;
  for (let i = 1; i < ring.length; i++) {
    const [x1 = 0, y1 = 0] = ring[i - 1] ?? [];
    const [x2 = 0, y2 = 0] = ring[i] ?? [];
    sum += x1 * y2 - x2 * y1;
  }
  return sum / 2;
}

function centroid(ring: readonly Position[]): Position {
  const area = signedArea(ring);
  if (area === 0) return ring[0] ?? [0, 0];
  let x = 0;
  let y = 0;
  for (let i = 1; i < ring.length; i++) {
    const [x1 = 0, y1 = 0] = ring[i - 1] ?? [];
    const [x2 = 0, y2 = 0] = ring[i] ?? [];
    const cross = x1 * y2 - x2 * y1;
    x += (x1 + x2) * cross;
    y += (y1 + y2) * cross;
  }
  return [x / (6 * area), y / (6 * area)];
}
