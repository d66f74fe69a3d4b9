export { PaymentDetails } from './PaymentDetails';
export { canBeResumed, isInProgress, refundOrDisputeText } from './status';
