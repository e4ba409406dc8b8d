// A Consent comes from a patient's hand through somebody's software: any JSON at all. The first
// line is the Consent; the second may be a resource beside those of a small record. Whatever it
// says, it is read or refused as a whole, what is given is kept or withheld with a reason, and a
// Consent that is not in force lets nothing go.
#include <algorithm>
#include <cstdlib>
#include <set>

#include "adapter/knowledge/knowledge.h"
#include "adapter/stages/consent/consent.h"

using namespace consultd;

namespace {

const std::string patient = "Patient/p";
constexpr Instant now{std::chrono::seconds(1'795'000'000)};

void check(bool holds) {
    if (!holds) std::abort();
}

void add(std::vector<PacketResource>& record, std::string text) {
    const auto json = fhir::Json::parse(std::move(text));
    auto resource = json ? fhir::Resource::from(*json) : Result<fhir::Resource>(json.error());
    if (!resource) return;
    const std::string number = std::to_string(record.size());
    const std::string source =
        record.empty() ? patient : std::string(resource->type()) + "/" + number;
    record.push_back({source, "urn:uuid:00000000-0000-4000-8000-00000000000" + number, *resource});
}

std::vector<PacketResource> record_with(std::string_view more) {
    std::vector<PacketResource> record;
    add(record, R"({"resourceType":"Patient","id":"p","name":[{"text":"Test, Ada"}]})");
    add(record, R"({"resourceType":"Condition","subject":{"reference":"Patient/p"},
        "recordedDate":"2024-05","code":{"coding":[{"system":
        "http://hl7.org/fhir/sid/icd-10-cm","code":"F10.21"}]}})");
    add(record, R"({"resourceType":"Observation","status":"final","effectiveDateTime":"2025-01-01",
        "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
        "code":"R"}]},"code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},
        "subject":{"reference":"Patient/p"},"hasMember":[{"reference":
        "urn:uuid:00000000-0000-4000-8000-000000000001","display":"alcohol"}]})");
    add(record, R"({"resourceType":"DocumentReference","status":"current","content":[{"attachment":
        {"contentType":"text/plain","data":"YQ==","title":"a letter"}}]})");
    if (!more.empty()) add(record, std::string(more));
    return record;
}

Request request() {
    Request request;
    request.destination_system = "http://hl7.org/fhir/sid/us-npi";
    request.destination_value = "1234567893";
    request.as_of = now;
    return request;
}

// What is given is kept or withheld, once.
void check_complete(const std::vector<PacketResource>& given, const Consented& consented) {
    check(consented.resources.size() + consented.withheld.size() == given.size());
    std::multiset<std::string> left;
    for (const PacketResource& one : given) left.insert(one.source);
    for (const PacketResource& kept : consented.resources) check(left.erase(kept.source) == 1);
    for (const Consented::Withheld& withheld : consented.withheld) {
        check(left.erase(withheld.source) == 1);
        check(!withheld.reason.empty() && withheld.source != patient);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = std::min(text.find('\n'), size);
    const auto consent = fhir::Json::parse(std::string(text.substr(0, line)));
    if (!consent) return 0;
    const auto given = record_with(text.substr(std::min(line + 1, size)));
    const Request asked = request();
    static const Knowledge knowledge = built_in_knowledge();

    const Status allowed = check_consent(*consent, asked, patient, now);
    const auto consented =
        apply_consent(*consent, asked, patient, given, now, knowledge.sensitivity);
    check(allowed.ok() || !consented.ok());
    if (consented.ok()) check_complete(given, *consented);
    // The same again: the same.
    const auto again = apply_consent(*consent, asked, patient, given, now, knowledge.sensitivity);
    check(again.ok() == consented.ok());
    if (again.ok()) check(again->resources.size() == consented->resources.size());

    if (!consent->is_object()) return 0;
    check(!check_consent(consent->with("status", "rejected"), asked, patient, now).ok());
    check(!apply_consent(consent->with("status", "inactive"), asked, patient, given, now,
                         knowledge.sensitivity)
               .ok());
    check(!check_consent(*consent, asked, "Patient/other", now).ok() || !allowed.ok());
    return 0;
}
