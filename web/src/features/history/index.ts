export { PaymentDetails } from './PaymentDetails';
export { PaymentLines } from './PaymentLines';
export { canBeResumed, isInProgress, refundOrDisputeText } from './status';
