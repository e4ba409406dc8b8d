// Filter: what stays and what goes of one record. First each resource for itself by the policy,
// then what hangs on another: attachments on their documents, provenance on its targets, shared
// resources on those that use them, and what would speak of the withheld. Stops when nothing more
// goes.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapter/stages/consent/consent.h"
#include "adapter/stages/consent/policy.h"
#include "adapter/stages/consent/trace.h"

namespace consultd::consent {

class Filter {
public:
    static constexpr int rounds_max = 64;

    // The signs are those of this record, and outlive the filter.
    Filter(std::vector<PacketResource> resources, Signs& signs, const Budget& budget);
    // Denied: the patient's own resource may not be kept, or it does not settle in `rounds_max`.
    // Cancelled: as the budget says. Asked once.
    Result<Consented> run(const Policy& policy, const Request& request, Instant now,
                          std::string_view patient);

private:
    struct Link {
        std::size_t target;
        std::string_view element;  // the nearest named element that holds it: "encounter"
    };
    // A place, or a visit there, that betrays a matter. A programme for substance use protects by
    // where it was.
    enum class Place : std::uint8_t { None, Telling, Programme };
    struct Item {
        PacketResource given;
        std::vector<Link> links;
        std::vector<Link> logical;        // to namesakes
        std::vector<std::size_t> groups;  // of namesakes that it is one of
        bool is_kept = true;
        bool loses_narrative = false;  // the source's own words tell what may not be told
        bool is_minimum = false;       // the Patient, of whom no more goes than who it is
        std::string reason;
        std::string why;  // see Consented
        Sensitivity::Signs betrays;
        Place place = Place::None;
        bool is_of_programme = false;
        bool has_free_text = false;  // attachments, notes, conclusions, answers
        bool is_matter = false;      // withheld for what it says: its words are a trace
        bool is_about_content() const;
        bool is_member_of(std::size_t group) const;
    };
    // Those that have one identifier: a logical reference with it is one to each of them. Any
    // number may refer to any number, so their links are not written down one by one.
    struct Namesakes {
        std::vector<std::size_t> members;
        std::size_t gone = 0;
        unsigned told = 0;  // the kinds of withheld members that its speakers were asked about
    };
    // Who refers to what, the other way round.
    struct Speaker {
        std::size_t item;
        std::string_view element;
    };

    void decide(std::size_t i, const Policy& policy, const Request& request, Instant now,
                std::string_view patient);
    void add_address(const std::string& address, std::size_t item);
    void collect_links(std::size_t of, fhir::JsonView value, std::string_view element);
    void collect_reasons(const Item& item);
    void collect_speakers();
    std::optional<std::size_t> find(std::string_view address) const;
    void withhold(std::size_t index, std::string reason, std::string why = {});
    // What a withheld one says of where somebody was, and what came from there.
    static Place told_place(const Item& item);
    static bool takes(const Item& item, const Policy& policy);
    void mark_programmes();
    bool is_from_there(const Speaker& speaker, const Item& place) const;
    void pass_on_place(const Speaker& speaker, const Item& place);
    bool speaks_of(const Speaker& speaker, const Item& target) const;
    void silence(const std::vector<Speaker>& speakers, std::size_t gone);
    bool spread();           // true when something more was withheld
    bool drop_dependents();  // Binary, Provenance
    bool drop_unused();      // shared resources
    // What somebody other than a Provenance names, and what somebody names who is kept.
    struct Named {
        std::vector<bool> by_any, by_kept;
    };
    Named named() const;
    bool is_hidden_binary(const Item& item) const;
    bool has_lost_its_targets(std::size_t index) const;
    Names names_of_withheld(const Policy& policy) const;
    bool repeats_what_it_named(const Item& item, fhir::JsonView left);
    Status drop_copies();
    bool may_tell(const PacketResource& given, const Policy& policy, const Request& request,
                  Instant now);
    static fhir::Json without_matter(const fhir::Json& patient, const Names& names);
    void plain_patient(Item& patient, const Policy& policy);
    fhir::Json plain_member(std::string_view name, const fhir::Json& value, std::string_view gender,
                            const Policy& policy);
    static bool tells_silently(std::string_view name, fhir::JsonView one, std::string_view gender,
                               const Policy& policy);
    static fhir::Json without_labels(const fhir::Json& patient);
    void replace(Item& patient, fhir::Json plain);
    bool is_of_kept(const std::string& logical_name) const;
    static void keep(const Item& item, fhir::Json resource, Consented& out);
    // Prunes what is kept; true when that made something more go.
    Result<bool> prune_kept(const Policy& policy, Consented& out);

    Signs& signs_;
    const Budget& budget_;
    std::vector<Item> items_;
    std::vector<Namesakes> namesakes_;
    std::unordered_map<std::string, std::size_t, StringHash, std::equal_to<>> index_;
    std::size_t longest_address_ = 0;
    std::unordered_map<std::string, std::size_t> by_identifier_;  // "system|value" → namesakes
    std::vector<std::vector<Speaker>> speakers_, logical_speakers_;
    ChangeList patient_changes_;
    std::string patient_gender_;
    std::vector<fhir::Resource> originals_;
    std::vector<std::size_t> gone_;  // in the order in which they went
    // By the number of a withheld matter: what it is called.
    std::unordered_map<std::size_t, std::optional<Phrases>> told_;
    std::size_t spread_ = 0;  // of these, those whose speakers were asked
};

}  // namespace consultd::consent
