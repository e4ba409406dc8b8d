// Statement: what one resource says, read once and said the same everywhere: what, where it stands,
// when, of whom, the value, why, and why it ended. Words are the record's or the standard's; none
// of clinical meaning is ours. Owns nothing of the record. Must not know: pages, sections,
// profiles.
#pragma once

#include <span>
#include <vector>

#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/standing.h"
#include "adapter/stages/reading/when.h"

namespace consultd {

struct Statement {
    // What is said by negation: "no known allergies", and "no information about allergies".
    enum class Says : std::uint8_t { Something, NoneKnown, NoInformation };

    const PacketResource* record = nullptr;
    std::string what;                    // the name of it; empty: the record has none
    Standing standing = Standing::Fact;  // the weightiest of those that hold
    std::string words;  // beside the name: "on hold", "refuted"; empty: it may be told as it is
    When when;
    Says says = Says::Something;
    std::string value;   // a result, a dose, a reaction, a conclusion
    std::string why;     // the reason for it
    std::string reason;  // the reason why it stands as it does: why it ended, was not done …
    std::string notes;   // note, description, complication, outcome

    const fhir::Resource& resource() const { return record->resource; }
    bool is_within_another() const { return record->full_url.find('#') != std::string::npos; }
    // One more thing that holds of it.
    void add(const StandingWord& word);
    bool has(Standing one) const { return (all_ >> static_cast<unsigned>(one) & 1U) != 0; }
    Places places() const { return places_; }
    bool is_plain() const { return words.empty(); }
    // Whether its date may order it: as the newest, as recent, on an axis.
    bool is_dated() const { return when.order().has_value(); }
    // Beside its name: "stopped: pneumonitis grade 3"; empty for what may be told as it is.
    std::string aside() const;

private:
    Places places_ = places_of(Standing::Fact);
    std::uint32_t all_ = 0;  // a bit a standing
};

// Of the same content at another moment another statement: what has ended by then, or lies ahead.
Statement statement_of(const PacketResource& record, const PacketIndex& index,
                       std::string_view patient, Instant as_of);

// All statements of a packet, also of the results that a report holds within itself. Outlived by
// the resources, which may move as one vector.
class Reading {
public:
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    Reading(Reading&&) = default;
    Reading& operator=(Reading&&) = default;
    Reading(const std::vector<PacketResource>& resources, std::string_view patient, Instant as_of);

    const Statement& of(const PacketResource& resource) const;
    const std::vector<Statement>& all() const { return statements_; }
    std::span<const PacketResource> resources() const { return resources_; }
    const PacketIndex& index() const { return index_; }

private:
    std::span<const PacketResource> resources_;
    PacketIndex index_;
    std::vector<PacketResource> within_;  // what they hold within themselves
    std::vector<Statement> statements_;   // one a resource, in their order; then of those within
};

// Newest first; what has no date that orders it last; then by full URL: the same for the same
// record.
void sort_newest_first(std::vector<const Statement*>& statements);

}  // namespace consultd
