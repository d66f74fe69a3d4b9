export { PaymentDetails } from './PaymentDetails';
export { canBeResumed, isUnderWay, refundOrDisputeText } from './status';
