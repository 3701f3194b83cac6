import type { FeatureCollection, LineString } from 'geojson';
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Palette } from './palette';

const nothing: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** Layers of shown items go below this one: above land and the footprints' tint, below borders, names and outlines. */
export const firstOverlay = 'borders';

/** The whole map without any data. It has no glyph address: names are drawn with the browser's own fonts. */
export function mapStyle(colors: Palette): StyleSpecification {
  return {
    version: 8,
    sources: {
      grid: { type: 'geojson', data: graticule(10) },
      land: { type: 'geojson', data: nothing, attribution: 'Natural Earth' },
      borders: { type: 'geojson', data: nothing },
      names: { type: 'geojson', data: nothing },
      footprints: { type: 'geojson', data: nothing, promoteId: 'key' },
      'search-box': { type: 'geojson', data: nothing },
    },
    layers: [...ground(colors), tint(colors), ...overlays(colors), ...outlines(colors), searchOutline(colors)],
  };
}

function ground(colors: Palette): LayerSpecification[] {
  return [
    { id: 'ocean', type: 'background', paint: { 'background-color': colors.ocean } },
    { id: 'grid', type: 'line', source: 'grid', paint: { 'line-color': colors.grid, 'line-width': 0.7 } },
    {
      id: 'land', type: 'fill', source: 'land',
      paint: { 'fill-color': colors.land, 'fill-outline-color': colors.shore },
    },
    { id: 'shore', type: 'line', source: 'land', paint: { 'line-color': colors.shore, 'line-width': 0.8 } },
  ];
}

function overlays(colors: Palette): LayerSpecification[] {
  return [
    {
      id: firstOverlay, type: 'line', source: 'borders',
      paint: { 'line-color': colors.border, 'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.5, 6, 1.2] },
    },
    {
      id: 'names', type: 'symbol', source: 'names',
      // A country's name appears when there is room for it: larger countries first.
      filter: ['<=', ['get', 'rank'], ['+', 2, ['*', 1.6, ['zoom']]]],
      layout: {
        'text-field': ['get', 'name'],
        'text-font': ['system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif'],
        'text-size': ['interpolate', ['linear'], ['zoom'], 1, 10.5, 5, 14],
        'text-max-width': 7, 'text-letter-spacing': 0.04, 'text-padding': 6,
        'symbol-sort-key': ['get', 'rank'],
      },
      paint: { 'text-color': colors.name, 'text-halo-color': colors.nameHalo, 'text-halo-width': 1.2 },
    },
  ];
}

const chosen: ExpressionSpecification = ['boolean', ['feature-state', 'chosen'], false];
const pointedAt: ExpressionSpecification = ['boolean', ['feature-state', 'pointedAt'], false];
const shown: ExpressionSpecification = ['boolean', ['feature-state', 'shown'], false];

function colorOf(colors: Palette): ExpressionSpecification {
  return ['case', chosen, colors.chosen, colors.footprint];
}

function tint(colors: Palette): LayerSpecification {
  // An item whose own picture is on the map keeps its outline only; so does one that would tint half the world.
  const opacity: ExpressionSpecification =
    ['case', shown, 0, ['boolean', ['get', 'wide'], false], 0, pointedAt, 0.32, chosen, 0.2, colors.footprintFill];
  return {
    id: 'footprints-fill', type: 'fill', source: 'footprints', filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': colorOf(colors), 'fill-opacity': opacity },
  };
}

function outlines(colors: Palette): LayerSpecification[] {
  return [
    {
      id: 'footprints-line', type: 'line', source: 'footprints', filter: ['!=', ['geometry-type'], 'Point'],
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': colorOf(colors),
        'line-width': ['case', chosen, 2.6, pointedAt, 2.4, 1.4],
      },
    },
    {
      // A footprint too small to see at this zoom still has its place marked.
      id: 'footprints-mark', type: 'circle', source: 'footprints', filter: ['has', 'mark'],
      maxzoom: 7,
      paint: {
        'circle-color': colorOf(colors),
        'circle-radius': ['case', pointedAt, 6, 4.5],
        'circle-stroke-color': colors.nameHalo, 'circle-stroke-width': 1.5,
      },
    },
  ];
}

function searchOutline(colors: Palette): LayerSpecification {
  return {
    id: 'search-box', type: 'line', source: 'search-box',
    paint: { 'line-color': colors.chosen, 'line-width': 1.6, 'line-dasharray': [3, 2] },
  };
}

function graticule(step: number): FeatureCollection<LineString> {
  const lines: [number, number][][] = [];
  for (let lon = -180; lon <= 180; lon += step) lines.push([[lon, -85], [lon, 85]]);
  for (let lat = -80; lat <= 80; lat += step) lines.push([[-180, lat], [180, lat]]);
  return {
    type: 'FeatureCollection',
    features: lines.map((coordinates) => ({
      type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates },
    })),
  };
}
