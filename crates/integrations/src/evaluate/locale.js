// What depends on where a process runs: local time is UTC, as on Lambda, and what needs a language's rules is refused,
// because they are not here.
(() => {
  'use strict';

  const Native = Date;
  const { UTC, now, parse: parseNative } = Native;
  const { prototype } = Native;
  const hide = (object, name, value) =>
    Object.defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true });

  for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
    for (const kind of ['get', 'set']) {
      const utc = prototype[`${kind}UTC${part}`];
      if (utc !== undefined) {
        hide(prototype, `${kind}${part}`, utc);
      }
    }
  }

  const { getTime, getUTCFullYear, setUTCFullYear, toUTCString } = prototype;
  const call = (method, object, ...values) => Reflect.apply(method, object, values);

  // `Thu, 01 Jan 1970 00:00:00 GMT`, as day and time.
  const parts = (date) => {
    const [, weekday, day, month, year, time] = /^(\w+), (\d+) (\w+) (-?\d+) ([\d:]+)/.exec(call(toUTCString, date)) ?? [];
    return weekday && { day: `${weekday} ${month} ${day} ${year}`, time: `${time} GMT+0000 (Coordinated Universal Time)` };
  };
  const text = (show) =>
    function () {
      const found = parts(this);
      return found ? show(found) : 'Invalid Date';
    };
  hide(prototype, 'toString', text(({ day, time }) => `${day} ${time}`));
  hide(prototype, 'toDateString', text(({ day }) => day));
  hide(prototype, 'toTimeString', text(({ time }) => time));
  hide(prototype, 'getTimezoneOffset', function () {
    return Number.isNaN(call(getTime, this)) ? NaN : 0;
  });
  hide(prototype, 'getYear', function () {
    return call(getUTCFullYear, this) - 1900;
  });
  hide(prototype, 'setYear', function (year) {
    const number = Math.trunc(Number(year));
    return call(setUTCFullYear, this, number >= 0 && number <= 99 ? 1900 + number : number);
  });

  // A text without a time zone is local time, but for dates in ISO's form, which are UTC.
  const zone = /(?:\b(?:UTC?|GMT|[ECMP][SD]T)\b|\dZ|\d\s*[+-]\d\d:?\d\d|(?:UTC?|GMT)\s*[+-]\d{1,4})/i;
  const iso = /^\s*(?:\d{4}|[+-]\d{6})(?:-\d\d(?:-\d\d)?)?(T)?/;
  const parse = (value) => {
    const source = String(value);
    const time = iso.exec(source);
    const isDate = time !== null && time[0].length === source.length;
    if (isDate || zone.test(time?.[1] ? source.slice(time[0].length) : source)) {
      return parseNative(source);
    }
    return parseNative(time?.[1] ? `${source}Z` : `${source} GMT`);
  };

  const timeOf = (value) => {
    if (value instanceof Native) {
      return call(getTime, value);
    }
    const primitive = Object(value) === value && typeof value.valueOf() !== 'object' ? value.valueOf() : value;
    const plain = Object(primitive) === primitive ? String(primitive) : primitive;
    return typeof plain === 'string' ? parse(plain) : Number(plain);
  };

  function UtcDate(year, month, ...rest) {
    if (new.target === undefined) {
      return new UtcDate().toString();
    }
    const given = arguments.length;
    const time = given === 0 ? now() : given === 1 ? timeOf(year) : UTC(year, month, ...rest);
    return Reflect.construct(Native, [time], new.target);
  }
  hide(UtcDate, 'name', 'Date');
  hide(UtcDate, 'length', 7);
  Object.defineProperty(UtcDate, 'prototype', { value: prototype, writable: false });
  hide(prototype, 'constructor', UtcDate);
  for (const [name, value] of Object.entries({ UTC, now, parse })) {
    hide(UtcDate, name, value);
  }
  hide(globalThis, 'Date', UtcDate);

  const refused = [
    [prototype, ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']],
    [Number.prototype, ['toLocaleString']],
    [BigInt.prototype, ['toLocaleString']],
    [String.prototype, ['localeCompare']],
  ];
  const refuse = (name) => {
    throw new TypeError(`${name} needs the rules of languages, which are not here`);
  };
  for (const [object, names] of refused) {
    for (const name of names) {
      hide(object, name, () => refuse(name));
    }
  }
  for (const way of ['Lower', 'Upper']) {
    const name = `toLocale${way}Case`;
    const plain = String.prototype[`to${way}Case`];
    hide(String.prototype, name, function (locale) {
      return locale === undefined ? call(plain, this) : refuse(name);
    });
  }
})
