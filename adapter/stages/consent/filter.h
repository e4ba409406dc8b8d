// Filter: what stays and what goes of one record. First each resource for itself by the policy,
// then what hangs on another: attachments on their documents, provenance on its targets, shared
// resources on those that use them, and what would speak of the withheld. Stops when nothing more
// goes.
#pragma once

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

    explicit Filter(std::vector<PacketResource> resources);
    // Denied: the patient's own resource may not be kept, or it does not settle in `rounds_max`.
    Result<Consented> run(const Policy& policy, const Request& request, Instant now,
                          std::string_view patient);

private:
    struct Link {
        std::size_t target;
        std::string_view element;  // the nearest named element that holds it: "encounter"
    };
    struct Item {
        PacketResource given;
        std::vector<Link> links;
        bool is_kept = true;
        std::string reason;
        bool has_free_text = false;  // attachments, notes, conclusions, answers
    };

    void collect_links(std::size_t of, fhir::JsonView value, std::string_view element);
    std::optional<std::size_t> find(std::string_view address) const;
    void withhold(std::size_t index, std::string reason);
    bool speaks_of(const Item& item, const Link& link) const;
    bool spread();           // true when something more was withheld
    bool drop_dependents();  // Binary, Provenance
    bool drop_unused();      // shared resources
    Names names_of_withheld() const;
    // Prunes what is kept; true when that made something more go.
    bool prune_kept(Consented& out);

    std::vector<Item> items_;
    std::unordered_map<std::string, std::size_t, StringHash, std::equal_to<>> index_;
    std::unordered_multimap<std::string, std::size_t> by_identifier_;  // "system|value"
    std::size_t withheld_ = 0;
};

}  // namespace consultd::consent
