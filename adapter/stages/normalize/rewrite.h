// rewrite: one resource brought into the packet's form by one walk: references and the URLs of
// attachments lead to `urn:uuid`s or are said logically, systems have their canonical URIs,
// narratives do not link to resources, the id is the packet's. Each change is told with what stood
// there before.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapter/ledger.h"
#include "adapter/stages/normalize/record_index.h"
#include "fhir/terminology/system_uris.h"

namespace consultd::normalizing {

struct Rewritten {
    fhir::Json json;
    std::vector<Gap> gaps;  // references that lead to nothing we hold
};

// What the systems of a record are called canonically: each is looked for once.
class Systems {
public:
    // Lives as long as this; `system` must do so too. Absent: it is as it should be.
    const std::optional<fhir::SystemUri>& canonical(std::string_view system);

private:
    std::unordered_map<std::string_view, std::optional<fhir::SystemUri>> known_;
};

// `full_urls` are those of the packet, strings, one for each resource of the record. What is
// changed is added to `changes`.
Rewritten rewrite(const Record& record, const RecordIndex& index, Systems& systems,
                  const std::vector<fhir::Json>& full_urls, std::size_t position,
                  ChangeList& changes);

// Where an attribute that links stands in an XHTML text, with the white space before it.
struct LinkAttribute {
    std::size_t begin = 0, end = 0;
    std::string target;  // unescaped
};
std::vector<LinkAttribute> find_links(std::string_view div);

}  // namespace consultd::normalizing
