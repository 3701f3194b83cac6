// Shows the server's own description of itself; nothing is loaded from anywhere else.
'use strict'

const make = (tag, text, ...children) => {
  const element = document.createElement(tag)
  if (text) element.textContent = text
  element.append(...children)
  return element
}

// A schema as an example that a reader understands: names, and what each holds.
const shape = (schema, all, deep = 0) => {
  if (!schema) return null
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop()
    return deep > 4 ? name : shape(all[name], all, deep + 1)
  }
  const kinds = schema.oneOf ?? schema.anyOf ?? schema.allOf
  if (kinds) return shape(kinds.find(kind => kind.type !== 'null') ?? kinds[0], all, deep)
  if (schema.enum) return schema.enum.join(' | ')
  const type = [].concat(schema.type ?? (schema.properties ? 'object' : 'any'))
  const words = type.map(one => one === 'null' ? 'or null' : one).join(' ')
  if (type.includes('object') && schema.properties)
    return Object.fromEntries(Object.entries(schema.properties).map(
      ([name, of]) => [(schema.required ?? []).includes(name) ? name + ' *' : name, shape(of, all, deep + 1)]))
  if (type.includes('array')) return [shape(schema.items, all, deep + 1)]
  return schema.format ? `${words} (${schema.format})` : words
}

const bodies = (content, all) => Object.entries(content ?? {}).flatMap(([type, of]) => [
  make('p', type), make('pre', JSON.stringify(shape(of.schema, all), null, 2))])

const parameters = list => {
  const table = make('table')
  table.append(make('tr', '', make('th', 'parameter'), make('th', 'in'), make('th', 'holds')))
  for (const one of list) {
    const type = [].concat(one.schema?.type ?? []).join(' ')
    table.append(make('tr', '', make('td', one.required ? one.name + ' *' : one.name), make('td', one.in),
      make('td', [type, one.description].filter(Boolean).join(': '))))
  }
  return table
}

const route = (path, method, operation, all) => {
  const needs = make('span', operation['x-permission'] ? `needs ${operation['x-permission']}` : 'open')
  needs.className = 'needs'
  const details = make('details', '', make('summary', '', make('b', method.toUpperCase()), make('code', path),
    make('span', operation.summary ?? ''), needs))
  details.dataset.words = [method, path, operation.summary, operation['x-permission'], operation.operationId]
    .join(' ').toLowerCase()
  details.addEventListener('toggle', () => {
    if (details.children.length > 1) return
    if (operation.description) details.append(make('p', operation.description))
    if (operation['x-open']) details.append(make('p', `Open: ${operation['x-open']}`))
    if (operation.parameters?.length) details.append(parameters(operation.parameters))
    if (operation.requestBody) details.append(make('h3', 'Body'), ...bodies(operation.requestBody.content, all))
    for (const [status, answer] of Object.entries(operation.responses ?? {}))
      details.append(make('h3', `${status === 'default' ? 'Otherwise' : status}: ${answer.description ?? ''}`),
        ...bodies(answer.content, all))
  })
  return details
}

const show = document_ => {
  const all = document_.components?.schemas ?? {}
  const groups = new Map()
  for (const [path, methods] of Object.entries(document_.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? 'Others'
      if (!groups.has(tag)) groups.set(tag, [])
      groups.get(tag).push(route(path, method, operation, all))
    }
  const main = document.getElementById('routes')
  main.replaceChildren(...[...groups].sort(([a], [b]) => a.localeCompare(b)).map(
    ([tag, routes]) => make('section', '', make('h2', tag), ...routes)))
}

document.getElementById('find').addEventListener('input', event => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean)
  for (const details of document.querySelectorAll('details'))
    details.hidden = !words.every(word => details.dataset.words.includes(word))
  for (const section of document.querySelectorAll('section'))
    section.hidden = [...section.querySelectorAll('details')].every(details => details.hidden)
})

fetch('openapi/v1.json').then(answer => answer.json()).then(show).catch(error => {
  document.getElementById('routes').textContent = `The description could not be read: ${error.message}`
})
