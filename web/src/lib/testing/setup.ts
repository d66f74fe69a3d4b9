import { i18n } from '@lingui/core';
import { configure, render } from '@testing-library/preact';
import { createElement, useEffect } from 'react';
import { afterAll } from 'vitest';

// The tests read the page in English, whose texts stand in the code.
i18n.loadAndActivate({ locale: 'en', messages: {} });

// The first test that opens a screen waits for its code.
configure({ asyncUtilTimeout: 10_000 });

// What a screen does when it is left comes a frame later, one screen after the other. A file's last
// one would find its page gone.
afterAll(async () => {
  if (typeof document === 'undefined') return;
  await new Promise<void>((resolve) => {
    const Last = () => {
      useEffect(() => resolve, []);
      return null;
    };
    render(createElement(Last)).unmount();
  });
});
