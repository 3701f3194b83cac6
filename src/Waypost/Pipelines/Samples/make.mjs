// Makes countries.geojson, the sample that the demo submits when it is given no files.
//
//   npm install --prefix SCRATCH world-atlas@2.0.2
//   node make.mjs SCRATCH/node_modules/world-atlas/countries-110m.json countries.geojson
//
// The source is TopoJSON whose shapes were stitched together at the antimeridian, for globes. Here they are unrolled and cut there
// again, as RFC 7946 (section 3.1.9) asks of GeoJSON, wound counter-clockwise and rounded.
import { readFileSync, writeFileSync } from 'node:fs'

const DECIMALS = 2
const [source, target] = process.argv.slice(2)
if (!source || !target) {
  console.error('usage: node make.mjs countries-110m.json countries.geojson')
  process.exit(2)
}

const topology = JSON.parse(readFileSync(source, 'utf8'))
const { scale, translate } = topology.transform

// Arcs are stored as steps between whole numbers (TopoJSON 2.1.3).
const arcs = topology.arcs.map(arc => {
  let x = 0, y = 0
  return arc.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]])
})

const arcOf = index => (index >= 0 ? arcs[index] : [...arcs[~index]].reverse())

const ringOf = indexes => indexes.flatMap((index, i) => (i === 0 ? arcOf(index) : arcOf(index).slice(1)))

// Longitudes that run on across ±180 instead of jumping. A ring that goes around a pole is closed along the edge of the map.
function unroll(ring) {
  const run = [ring[0]]
  for (const [x, y] of ring.slice(1)) {
    const before = run[run.length - 1][0]
    run.push([x + 360 * Math.round((before - x) / 360), y])
  }
  const turns = Math.round((run[run.length - 1][0] - run[0][0]) / 360)
  if (turns === 0) return run
  const pole = run.reduce((sum, [, y]) => sum + y, 0) < 0 ? -90 : 90
  const [first, last] = [run[0], run[run.length - 1]]
  return [...run, [last[0], pole], [first[0], pole], first]
}

// The part of a ring on one side of a meridian (Sutherland and Hodgman).
function cut(ring, meridian, east) {
  const inside = ([x]) => (east ? x >= meridian : x <= meridian)
  const part = []
  for (let i = 0; i < ring.length - 1; i++) {
    const [from, to] = [ring[i], ring[i + 1]]
    if (inside(from)) part.push(from)
    if (inside(from) !== inside(to)) {
      const share = (meridian - from[0]) / (to[0] - from[0])
      part.push([meridian, from[1] + share * (to[1] - from[1])])
    }
  }
  return part.length ? [...part, part[0]] : []
}

const round = number => Number(number.toFixed(DECIMALS)) + 0

function tidy(ring) {
  const points = ring.map(([x, y]) => [round(x), round(y)])
    .filter(([x, y], i, all) => i === 0 || x !== all[i - 1][0] || y !== all[i - 1][1])
  return points.length >= 4 && Math.abs(area(points)) > 0.005 ? points : []
}

const area = ring => ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i][0] * y - x * ring[i][1], 0) / 2

const wound = (ring, counterClockwise) => (area(ring) > 0 === counterClockwise ? ring : [...ring].reverse())

// The parts of a polygon between -180 and 180; its holes never reach that far.
function split(polygon) {
  const rings = polygon.map(indexes => unroll(ringOf(indexes)))
  return [-360, 0, 360].flatMap(turn => {
    const parts = rings.map(ring => tidy(cut(cut(ring, turn - 180, true), turn + 180, false).map(([x, y]) => [x - turn, y])))
    return parts[0].length === 0 ? [] : [parts.filter(part => part.length).map((part, i) => wound(part, i === 0))]
  })
}

const features = topology.objects.countries.geometries.map(({ type, arcs: shape, id, properties }) => {
  const polygons = (type === 'Polygon' ? [shape] : shape).flatMap(split)
  const geometry = polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0] }
    : { type: 'MultiPolygon', coordinates: polygons }
  return { type: 'Feature', ...(id === undefined ? {} : { id }), properties: { name: properties.name, iso_n3: id ?? null }, geometry }
})

const lines = features.map(feature => JSON.stringify(feature)).join(',\n')
writeFileSync(target, `{"type":"FeatureCollection","name":"countries","features":[\n${lines}\n]}\n`)
console.log(`${features.length} features`)
