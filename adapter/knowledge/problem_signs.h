// ProblemSigns: which problems are of one matter: by ranges of ICD-10, whose first characters all
// national editions share, by single codes, and by words, since many records have nothing else.
// Knows no record. https://www.who.int/standards/classifications/classification-of-diseases
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapter/knowledge/code_set.h"
#include "adapter/knowledge/sensitive_words.h"

namespace consultd {

class ProblemSigns {
public:
    // {"icd10": "C50 D05 C76-C80", "words": ["*karzinom", …], "exact": ["ALS"], "parts": ["breast",
    // …], "with": ["tumor", …], "not": ["…"]}, as knowledge.schema.json has it. May be called more
    // than once.
    void add(fhir::JsonView signs);

    bool empty() const { return words_added_ == 0 && ranges_.empty(); }
    // Whether a problem of this code, or so called, is one of these.
    bool hold(fhir::JsonView code, std::string_view called) const;

private:
    bool holds_code(std::string_view code) const;

    // From the first that begins so to the last that does, dots left out.
    std::vector<std::pair<std::string, std::string>> ranges_;
    SensitiveWords words_;
    SensitiveWords::Row words_added_ = 0;
};

// The strings of a list as SensitiveWords takes them.
std::string phrases_of(fhir::JsonView list);

}  // namespace consultd
