// What is still to be said to sources of transfers that read nothing any more.
#include "adapter/errands.h"
#include "adapter/pipeline.h"
#include "adapter/verdict.h"
#include "fhir/client/bulk_export.h"

namespace consultd {
namespace {

constexpr Milliseconds farewell_span = std::chrono::seconds(10);  // nobody waits for it

}  // namespace

Status Pipeline::run_errands(std::stop_token stop) {
    TRY_ASSIGN(const std::vector<Errand> errands, parts_.store.errands());
    for (const Errand& errand : errands) {
        if (stop.stop_requested()) return {};
        TRY_ASSIGN(const std::optional<Transfer> transfer, parts_.store.find(errand.transfer));
        if (transfer && goes_on_reading(*transfer)) continue;
        if (transfer && !is_done(errand, *transfer, stop)) continue;
        // If we die before this: it is said once more, which changes nothing.
        TRY(patiently([&] { return parts_.store.drop_errand(errand.transfer, errand.name); }));
        looks_.erase(errand.name);
    }
    return {};
}

// What cannot be opened, or is of a source that left the configuration, has its time too.
bool Pipeline::is_done(const Errand& errand, const Transfer& transfer, std::stop_token stop) {
    const Result<ExportLeft> left = export_left(parts_.sealer, errand);
    if (!left || left->is_forgotten(parts_.clock.now())) {
        parts_.log.warn("export-not-ended", {{"transfer", OwnId(errand.transfer)}});
        return true;
    }
    Peer* const source = parts_.peers.source(transfer.source);
    Look& look = looks_[errand.name];
    const MonotonicTime now = parts_.clock.monotonic_now();
    if (source == nullptr || now < look.not_before) return false;
    const auto say = [&]() -> Status {
        TRY_ASSIGN(fhir::FhirClient* const client, source->client());
        return fhir::end_export(
            *client, left->status,
            {.deadline = Deadline::after(parts_.clock, farewell_span), .stop = std::move(stop)});
    };
    const Status said = say();
    if (said) {
        parts_.log.info("export-ended", {{"transfer", OwnId(errand.transfer)}});
        return true;
    }
    look.not_before = now + backoff(++look.attempts, said.error(), parts_.random);
    return false;
}

}  // namespace consultd
