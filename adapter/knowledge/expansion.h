// Expansion: a FHIR ValueSet that says which codes it means by filters or by other value sets, and
// what a terminology server makes of it. Asked are the ValueSet and nothing else; no word of any
// patient. https://hl7.org/fhir/R4/valueset-operation-expand.html
#pragma once

#include <set>
#include <string>
#include <utility>

#include "fhir/json.h"

namespace consultd {

// It lists its codes neither in `compose` nor in an expansion.
bool needs_expansion(fhir::JsonView value_set);

// Gathers the pages of one expansion.
class Expansion {
public:
    static constexpr std::size_t page_size = 1000;
    static constexpr std::size_t codes_max = 500'000;

    // The Parameters that ask for the page behind what came so far.
    fhir::Json request(const fhir::Json& value_set) const;
    // True: that was all. Malformed: the answer is no expansion, or does not go on. TooLarge.
    Result<bool> take_page(fhir::JsonView answer);
    // The ValueSet with its codes as an expansion of ours: sorted, in one list, of this time.
    fhir::Json expanded(const fhir::Json& value_set, std::string_view timestamp) const;
    // What they are, one a line: by this two expansions are the same.
    std::string codes_text() const;
    bool empty() const { return codes_.empty(); }

private:
    std::size_t add(fhir::JsonView contains);
    std::set<std::pair<std::string, std::string>> codes_;  // system, code
    std::size_t taken_ = 0;  // as the server counts: abstract ones too, and repeated ones
};

}  // namespace consultd
