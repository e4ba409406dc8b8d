#include <algorithm>

#include "adapter/stages/deliver/deliver.h"
#include "adapter/stages/deliver/entries.h"
#include "adapter/stages/deliver/order_resources.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

// As a resource of its own: of a second packet, what the first one did not bring.
bool is_sent_alone(const DeliveryInput& input, const PacketResource& resource) {
    return input.release.of.empty() ||
           std::ranges::find(input.release.only, resource.full_url) != input.release.only.end();
}

// The names of everything first, so that references may lead forward.
Result<const PacketResource*> name_entries(const DeliveryInput& input, Entries& entries) {
    const PacketResource* patient = nullptr;
    for (const PacketResource& resource : input.input.resources) {
        if (resource.full_url == input.input.patient) patient = &resource;
        if (is_sent_alone(input, resource))
            entries.map(resource.full_url, entries.urn_of(resource.full_url));
    }
    if (patient == nullptr || patient->resource.type() != "Patient")
        return Error(ErrorKind::Corrupt, "the packet has no Patient");
    entries.map(patient->full_url,
                input.patient_there ? *input.patient_there : entries.urn_of(patient->full_url));
    return patient;
}

// By an identifier of ours, and never by one of the patient's: a chart that has that number was not
// found by the rules of identity, or somebody decided that it is another's.
void add_new_chart(const DeliveryInput& input, const PacketResource& patient, Entries& entries) {
    const Json chart = entries.carried(patient.resource.json());
    if (input.new_chart == DeliveryInput::NewChart::OneATransfer)
        return entries.add(patient.full_url, chart);
    const Json identifiers =
        chart.get("identifier").appended(make_identifier(patient_system, patient.full_url));
    entries.add(patient.full_url, chart.with("identifier", identifiers),
                identifier_query(patient_system, patient.full_url));
}

void add_resources(const DeliveryInput& input, const PacketResource& patient, Entries& entries) {
    if (!input.patient_there) add_new_chart(input, patient, entries);
    for (const PacketResource& resource : input.input.resources)
        if (&resource != &patient && is_sent_alone(input, resource))
            entries.add(resource.full_url, entries.carried(resource.resource.json()));
}

// The document Bundle as a resource: stores change what they store, so its bytes go along as well.
// https://hl7.org/fhir/R4/documents.html#bundle
std::string add_document_bundle(const Packet& packet, Entries& entries) {
    const JsonView identifier = packet.bundle["identifier"];
    entries.add(
        "document-bundle", packet.bundle.has("id") ? packet.bundle.without("id") : packet.bundle,
        identifier["value"].string().empty()
            ? ""
            : identifier_query(identifier["system"].string(), identifier["value"].string()));
    return entries.urn_of("document-bundle");
}

std::string add_document(const DeliveryInput& input, const std::string& patient, const char* name,
                         DocumentFacts facts, Entries& entries) {
    const std::string binary_name = std::string(name) + "-bytes";
    facts.binary = entries.urn_of(binary_name);
    facts.patient = patient;
    facts.labels = input.packet.bundle.get("meta").get("security");
    entries.add(binary_name, make_binary(facts.content_type, facts.bytes));
    entries.add(name, make_document_reference(facts, input.input.request));
    return entries.urn_of(name);
}

// The Task, after the ServiceRequest that it is of. A second packet orders nothing again.
Json make_order(const DeliveryInput& input, const std::string& patient,
                const std::vector<std::string>& documents, const std::string& consent,
                Entries& entries) {
    const Request& request = input.input.request;
    if (!input.release.of.empty())
        return make_release_task(request, patient, input.release, documents);
    entries.add("service-request", make_service_request(request, patient, documents, consent));
    return make_task(request, patient, entries.urn_of("service-request"), documents);
}

}  // namespace

Result<std::string> make_transaction(const DeliveryInput& input) {
    const Request& request = input.input.request;
    Entries entries(request.transfer_id, input.capability.update_create,
                    input.capability.found_by_tag);
    TRY_ASSIGN(const PacketResource* patient_entry, name_entries(input, entries));
    const std::string patient =
        input.patient_there ? *input.patient_there : entries.urn_of(patient_entry->full_url);

    add_resources(input, *patient_entry, entries);
    const std::string bundle = add_document_bundle(input.packet, entries);
    const std::string document =
        add_document(input, patient, "bundle.json",
                     {.content_type = "application/fhir+json",
                      .title = "Record for a second opinion (FHIR document)",
                      .bytes = input.packet.bundle_text,
                      .binary = {},
                      .patient = {},
                      .labels = {}},
                     entries);
    const std::string page = add_document(input, patient, "packet.html",
                                          {.content_type = "text/html",
                                           .title = "Record for a second opinion (page for people)",
                                           .bytes = input.packet.html,
                                           .binary = {},
                                           .patient = {},
                                           .labels = {}},
                                          entries);
    std::string consent;
    const Json copy = make_consent_copy(input.consent, request, patient);
    if (!copy.is_null()) {
        // The patient's name here is one that references may lead to.
        entries.map(patient, patient);
        entries.add("consent", entries.carried(copy));
        consent = entries.urn_of("consent");
    }
    const std::vector<std::string> documents{document, page};
    const Json task = make_order(input, patient, documents, consent, entries);
    std::vector<std::string> made{document, page, bundle};
    if (!consent.empty()) made.push_back(consent);
    entries.add("provenance", make_provenance(request, made, copy));
    entries.add("task", task, identifier_query(transfer_system, request.transfer_id));

    return entries.transaction().print();
}

}  // namespace consultd
