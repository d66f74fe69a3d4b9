import { Trans } from '@lingui/react/macro';
import { type ReactNode, useEffect, useId, useRef } from 'react';

import { SubmitButton } from '@/components/SubmitButton';

import { StaffProblem } from './StaffProblem';

interface QuestionProps {
  title: string;
  /** What the button that does it says, with the amount. */
  confirm: string;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something is done about money. The browser gives the focus back when it closes. */
export function Question({
  title,
  confirm,
  busy,
  error,
  onConfirm,
  onClose,
  children,
}: QuestionProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={titleId} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onConfirm();
        }}
      >
        <h2 id={titleId}>{title}</h2>
        {error !== null && <StaffProblem error={error} />}
        {children}
        <div className="actions">
          {/* First, so that it has the focus: Enter pressed twice must not move money. */}
          <button
            type="button"
            className="button button-secondary"
            onClick={() => dialog.current?.close()}
          >
            <Trans>Go back</Trans>
          </button>
          <SubmitButton busy={busy} danger>
            {confirm}
          </SubmitButton>
        </div>
      </form>
    </dialog>
  );
}
