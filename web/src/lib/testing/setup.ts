import { i18n } from '@lingui/core';
import { configure } from '@testing-library/preact';

// The tests read the page in English, whose texts stand in the code.
i18n.loadAndActivate({ locale: 'en', messages: {} });

// The first test that opens a screen waits for its code.
configure({ asyncUtilTimeout: 10_000 });
