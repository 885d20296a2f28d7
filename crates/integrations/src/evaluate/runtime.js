// What a handler finds and is called by in the sandbox: a console, and answers and errors as Lambda's Node.js runtime
// gives them (AWS Lambda Developer Guide, "Building Lambda functions with Node.js").
(log, load, ownFile) => {
  'use strict';

  const { parse, stringify } = JSON;
  const { isError } = Error;

  const json = (value) => {
    try {
      return stringify(value) ?? String(value);
    } catch {
      return '[Circular]';
    }
  };

  const shown = (value) => {
    if (isError(value)) {
      return `${value}`;
    }
    return typeof value === 'object' && value !== null ? json(value) : String(value);
  };

  const formats = {
    s: shown,
    d: (value) => String(Number(value)),
    i: (value) => String(parseInt(value, 10)),
    f: (value) => String(parseFloat(value)),
    j: json,
    o: shown,
    O: shown,
    c: () => '',
  };

  // The text of a line: formats as in Node.js, but objects as JSON.
  const line = (first, rest) => {
    if (typeof first !== 'string') {
      return [first, ...rest].map(shown).join(' ');
    }
    let used = 0;
    const text = first.replace(/%([sdifjoOc%])/g, (whole, format) => {
      if (format === '%') {
        return '%';
      }
      return used < rest.length ? formats[format](rest[used++]) : whole;
    });
    return [text, ...rest.slice(used).map(shown)].join(' ');
  };

  const print = (first = '', ...rest) => log(line(first, rest).toWellFormed());
  globalThis.console = { debug: print, error: print, info: print, log: print, trace: print, warn: print };

  // The stack up to where the handler was called from, after the line that Node.js begins with.
  const trace = (error) => {
    const frames = error.stack.split('\n').filter((frame) => frame.trim() !== '');
    const own = frames.findIndex((frame) => frame.includes(ownFile));
    const head = error.message === '' ? error.name : `${error.name}: ${error.message}`;
    return [...head.split('\n'), ...(own < 0 ? frames : frames.slice(0, own))];
  };

  const isErrorLike = (error) => {
    const text = (key) => typeof error[key] === 'string' && error[key] !== '';
    return Boolean(error) && text('name') && text('message') && text('stack');
  };

  const describe = (thrown) => {
    const error = thrown ?? 'handled';
    try {
      if (isError(error) || isErrorLike(error)) {
        return stringify({ errorType: error.name, errorMessage: error.message, trace: trace(error) });
      }
      return stringify({ errorType: typeof error, errorMessage: error.toString(), trace: [] });
    } catch {
      return stringify({
        errorType: 'handled',
        errorMessage:
          'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      });
    }
  };

  const answer = (result) => {
    try {
      return stringify(result === undefined ? null : result) ?? 'null';
    } catch {
      throw new Error('Unable to stringify response body');
    }
  };

  const failure = (name, message) => Object.assign(new Error(message), { name: `Runtime.${name}` });

  // The handler that a CommonJS module exports.
  const handlerOf = (code, name) => {
    const own = { exports: {} };
    try {
      // The first line stays the first, so that stacks show the module's lines.
      load(`(function (exports, module) {${code}\n})`)(own.exports, own);
    } catch (error) {
      throw error instanceof SyntaxError ? failure('UserCodeSyntaxError', `${error}`) : error;
    }
    const handler = own.exports[name.slice(name.indexOf('.') + 1)];
    if (typeof handler !== 'function') {
      const what = handler ? 'not a function' : 'undefined or not exported';
      throw failure('HandlerNotFound', `${name} is ${what}`);
    }
    return handler;
  };

  const run = async (code, name, event) => answer(await handlerOf(code, name)(parse(event)));

  return { describe, run };
}
