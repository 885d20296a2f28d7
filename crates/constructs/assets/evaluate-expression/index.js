'use strict';

// Evaluates a JavaScript expression in which paths of the workflow's data stand for their values:
// {"expression": "$.a + 1", "expressionAttributeValues": {"$.a": 2}} gives 3.
//
// A path is replaced by a look-up of its value, never by the value's own text, so that data is not run as code.

exports.handler = async ({ expression, expressionAttributeValues: values = {} }) => {
  // The longest first: `$.a` is not to be found in `$.ab`.
  const paths = Object.keys(values).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(paths.map(literally).join('|'), 'g');
  const code = paths.length === 0 ? expression : expression.replace(pattern, lookUp);
  console.log('%j', { expression, code });
  return new Function('values', 'code', 'return eval(code);')(values, code);
};

const lookUp = (path) => `values[${JSON.stringify(path)}]`;

const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
