import { ErrorBoundary, useLocation } from '@/lib/routing';

import { Layout } from './Layout';
import { LayoutErrorScreen } from './LayoutErrorScreen';
import { Screens } from './screens';

/** Everything that an address shows. */
export function Pages() {
  const { pathname } = useLocation();
  return (
    <ErrorBoundary place={pathname} fallback={(error) => <LayoutErrorScreen error={error} />}>
      <Layout>
        <Screens />
      </Layout>
    </ErrorBoundary>
  );
}
