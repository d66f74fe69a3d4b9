export { PaymentDetails } from './PaymentDetails';
export { PaymentLines } from './PaymentLines';
export { canBeResumed, hasEndedUnpaid, isInProgress, refundOrDisputeText } from './status';
