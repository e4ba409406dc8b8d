// Record: what the pull brought, as it came, and the values that pass between the stages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/ledger.h"
#include "adapter/stages/proof.h"
#include "fhir/base/clock.h"
#include "fhir/resource.h"

namespace consultd {

// One resource as the source gave it.
struct PulledResource {
    std::string source;    // "Observation/123" as the source has it; its fullUrl where it has no id
    std::string full_url;  // absolute at the source, or urn:uuid:… in a file; may be empty
    fhir::Resource resource;
    fhir::Json as_it_came = {};  // where `resource` was brought into R4's shape; else null
};

// A resource that was pulled and is not kept: named without its content.
struct RejectedResource {
    std::string source;
    // "wrong-patient", "unproven-patient", "malformed", "modifier-extension", "subsetted",
    // "superseded" (an older version), "deleted", "version-conflict", "other-version" (of FHIR).
    StaticText reason;
    std::string type = {};  // of R4's; may be empty
    // It names our patient as the one that it is about, whatever else it names.
    bool names_ours = false;
};

struct Record {
    std::string base_url;                   // the source's FHIR base; empty for files
    std::string patient;                    // "Patient/123"
    std::vector<PulledResource> resources;  // sorted by `source`; the Patient among them
    std::vector<RejectedResource> rejected;
    std::vector<Gap> gaps;
    std::vector<TypeProof> types;  // of a pull: what each type was asked for, and what that proves
    Instant pulled_at{};
    // Every name pulled: resources and rejected.
    std::vector<std::string_view> names() const;
    // The same, and gives the resources back: once they are normalized nothing else is needed.
    std::vector<std::string> take_names();
};

// False for a record of administrative types alone: it tells a physician nothing.
bool has_clinical(const Record& record);
// Something clinical that may be the patient's came and is not kept: the record is not an empty
// one.
bool has_lost_clinical(const Record& record);

// Whether nothing clinical came because there is nothing, "no-records", or because it was not
// given: "forbidden" where each question that was not answered was refused by rights, else
// "not-handed-over". Of a pull.
StaticText why_nothing_clinical(const Record& record);

// "2 entries of the record": a gap's `what` where nobody may say more.
std::string entries_of_the_record(std::size_t count);

// What was rejected though it may be this patient's, by type; "names-another" of what names them
// and another person. "AllergyIntolerance (2 entries)"
// tells what is lost; where the consent does not let that type be told, only the number may be:
// `of_any_type`.
struct LostGap {
    std::string type;  // may be empty
    std::size_t count = 0;
    StaticText reason;
    Gap gap() const;
};
std::vector<LostGap> lost_by_type(const Record& record);
std::vector<LostGap> of_any_type(const std::vector<LostGap>& lost);
// The first, into the record's gaps.
void add_gaps_of_rejected(Record& record);

// A resource on its way into the packet.
struct PacketResource {
    std::string source;    // names it in the ledger
    std::string full_url;  // urn:uuid:…
    fhir::Resource resource;
    std::vector<std::string> copies = {};  // what the source calls the copies folded into it
};

// What the consultant reads of what the first team concluded and planned: all of it at once, or
// nothing before their own opinion is filed.
enum class FirstOpinion : std::uint8_t { Open, Sealed };
constexpr std::string_view word_of(FirstOpinion choice) {
    return choice == FirstOpinion::Sealed ? "sealed" : "open";
}
constexpr std::optional<FirstOpinion> first_opinion_of(std::string_view word) {
    for (const FirstOpinion choice : {FirstOpinion::Open, FirstOpinion::Sealed})
        if (word == word_of(choice)) return choice;
    return std::nullopt;
}

// Who asks what of whom: all that the stages need to know of the transfer.
struct Request {
    std::string transfer_id;  // a UUID
    std::string question;     // the patient's words; may be empty
    std::string specialty;    // "oncology", "haematology", "rheumatology" …; may be empty
    std::string purpose = "TREAT";
    std::string source_name;         // for people
    std::string destination_name;    // for people
    std::string destination_system;  // the organization a Consent names; empty: not known
    std::string destination_value;
    Instant as_of{};  // the time the packet is made; same in, same out
    FirstOpinion first_opinion = FirstOpinion::Open;
};

// A second packet, of what the first one held back until the opinion was filed.
struct SecondPacket {
    std::string of;    // the transfer of the first one; empty: it is none
    std::string task;  // "Task/7": where that one's order lies at the destination
    // What is sent as a resource of its own: what the first packet did not have, by its name in the
    // document.
    std::vector<std::string> only;
};

}  // namespace consultd
