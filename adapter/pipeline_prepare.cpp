// The pipeline's first half: from an order to a packet. Nothing leaves here. The flow is in
// pipeline.cpp.
#include "adapter/pipeline.h"

namespace consultd {

Result<Prepared> Pipeline::prepare_only(Order order, std::stop_token stop) {
    TRY(find_patient_of(order, stop));
    Transfer transfer;
    transfer.id = crypto::uuid_v4(parts_.random);
    transfer.created = parts_.clock.now();
    const Request request = request_of(transfer, order);
    TRY(check_consent(order.consent, request, "Patient/" + order.patient_id, request.as_of));
    TRY_ASSIGN(const Record record, pull_record(order, stop));
    return consultd::prepare(record, order.consent, request);
}

Status Pipeline::prepare_transfer(Lease& lease, std::stop_token stop) {
    TRY_ASSIGN(const Order order, order_of(lease.transfer, stop));
    const Request request = request_of(lease.transfer, order);
    // Nothing clinical is read from the source that the consent gives no right to.
    TRY(check_consent(order.consent, request, "Patient/" + order.patient_id,
                      now_for(lease.transfer)));
    // The order may have named the patient by an identifier: one patient has one pseudonym.
    lease.transfer.patient_pseudonym =
        patient_pseudonym(parts_.sealer, order.source, order.patient_id);
    TRY(save(lease, TransferState::Pulling,
             {request_part(order, parts_.sealer, lease.transfer.id)}));
    // If we die here: the pull begins anew; nothing of it was kept.
    parts_.crash_point("pipeline.pulling");

    TRY_ASSIGN(const Record record, pull_record(order, stop));
    TRY(alarm_foreign_patients(lease.transfer, record));
    // Zero records is a finding, not a success.
    if (!has_clinical(record)) {
        stand(lease.transfer, "no-records", parts_.peers.source(order.source));
        return save(lease, TransferState::Held);
    }
    TRY_ASSIGN(const Prepared prepared, consultd::prepare(record, order.consent, request));

    Transfer& transfer = lease.transfer;
    transfer.pulled = prepared.counts.pulled;
    transfer.delivered = prepared.counts.delivered;
    transfer.merged = prepared.counts.merged;
    transfer.withheld = prepared.counts.withheld;
    transfer.rejected = prepared.counts.rejected;
    transfer.complete = prepared.input.gaps.empty();
    transfer.prepared = true;
    const auto sealed = [&](Part part, std::string_view plain) {
        return seal_part(parts_.sealer, transfer.id, part, plain);
    };
    // If we die before this: the pull begins anew. After it: these bytes, and no others, are sent.
    TRY(save(lease, TransferState::Prepared,
             {sealed(Part::Bundle, prepared.packet.bundle_text),
              sealed(Part::Packet, prepared.packet.html),
              sealed(Part::Ledger, prepared.ledger.ndjson(prepared.counts.pulled)),
              sealed(Part::Completeness, prepared.packet.completeness.print_pretty() + "\n"),
              sealed(Part::Manifest, prepared.manifest),
              sealed(Part::Gaps, gaps_json(prepared.input.gaps).print())}));
    parts_.crash_point("pipeline.prepared");
    return {};
}

}  // namespace consultd
