// rewrite: one resource brought into the packet's form by one walk: references and the URLs of
// attachments lead to `urn:uuid`s or are said logically, systems have their canonical URIs,
// narratives do not link to resources, the id is the packet's. Each change is told with what stood
// there before.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapter/ledger.h"
#include "adapter/stages/normalize/record_index.h"

namespace consultd::normalizing {

struct Rewritten {
    fhir::Json json;
    std::vector<Change> changes;     // in the order they were made
    std::vector<Gap> gaps;           // references that lead to nothing we hold
    std::vector<std::size_t> links;  // resources of the record it refers to; may repeat
};

// `full_urls` are those of the packet, one for each resource of the record.
Rewritten rewrite(const Record& record, const RecordIndex& index,
                  const std::vector<std::string>& full_urls, std::size_t position);

// The XHTML without the target of those links and images for which `leads_inside` says yes; the
// rest byte for byte.
template <class LeadsInside>
std::string without_links(std::string_view div, const LeadsInside& leads_inside);

// Where an attribute that links stands in an XHTML text, with the white space before it.
struct LinkAttribute {
    std::size_t begin = 0, end = 0;
    std::string target;  // unescaped
};
std::vector<LinkAttribute> find_links(std::string_view div);

template <class LeadsInside>
std::string without_links(std::string_view div, const LeadsInside& leads_inside) {
    std::string out;
    std::size_t copied = 0;
    for (const LinkAttribute& link : find_links(div)) {
        if (!leads_inside(link.target)) continue;
        out.append(div.substr(copied, link.begin - copied));
        copied = link.end;
    }
    return out.append(div.substr(copied));
}

}  // namespace consultd::normalizing
