import type { Geometry, Position } from 'geojson';

const halfTurn = 180;
const fullTurn = 360;

/** The geometry with lines and rings that go on across the antimeridian instead of jumping to its other side. */
export function unwrap<G extends Geometry>(geometry: G): G {
  switch (geometry.type) {
    case 'Polygon': return { ...geometry, coordinates: geometry.coordinates.map(unwrapRing) };
    case 'MultiPolygon':
      return { ...geometry, coordinates: geometry.coordinates.map((rings) => rings.map(unwrapRing)) };
    case 'LineString': return { ...geometry, coordinates: unwrapLine(geometry.coordinates) };
    case 'MultiLineString': return { ...geometry, coordinates: geometry.coordinates.map(unwrapLine) };
    case 'GeometryCollection': return { ...geometry, geometries: geometry.geometries.map((part) => unwrap(part)) };
    default: return geometry;
  }
}

function unwrapLine(line: readonly Position[]): Position[] {
  let turns = 0;
  return line.map(([longitude = 0, latitude = 0], i) => {
    const before = line[i - 1]?.[0];
    if (before !== undefined) {
      if (longitude - before > halfTurn) turns--;
      else if (longitude - before < -halfTurn) turns++;
    }
    return [longitude + turns * fullTurn, latitude];
  });
}

// A ring around a pole does not come back to where it began: it is closed along the pole.
function unwrapRing(ring: readonly Position[]): Position[] {
  const line = unwrapLine(ring);
  const [first, last] = [line[0], line.at(-1)];
  if (first?.[0] === undefined || last?.[0] === undefined || Math.abs(first[0] - last[0]) < halfTurn) return line;
  const pole = Math.sign(first[1] ?? 0) * 90;
  return [...line, [last[0], pole], [first[0], pole], first];
}
