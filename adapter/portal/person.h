// Person: whose records these are, as the hospital has it, out of the document that was made of
// them. Pure.
#pragma once

#include <string>

namespace consultd::portal {

struct Person {
    std::string name, birth_date;  // empty: not said
};
Person person_in(std::string bundle);

}  // namespace consultd::portal
