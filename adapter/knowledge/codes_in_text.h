// codes_in_text: codes that people write into texts: "Diagnosen: F10.2 G", "Dx: Z21, M17.11",
// "LOINC 20447-9", "SNOMED CT 86406008". What has a code's form is one where something beside it
// says so: a dot in it, a check digit that is right, the system's name before it, a list of
// diagnoses around it; a bed is no diagnosis. Knows no meaning of a code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace consultd {

struct CodeInText {
    // Icd10 is each of its modifications.
    enum class System : std::uint8_t { Icd10, Icd9, Loinc, Snomed, Atc, RxNorm, Cpt, Hcpcs, Ops };
    System system;
    std::string code;
};

// What a line holds nothing but codes of, are diagnoses in what somebody wrote; a name of a thing
// may be a room's.
enum class LineOfCodes : std::uint8_t { Diagnoses, Anything };
std::vector<CodeInText> codes_in_text(std::string_view text,
                                      LineOfCodes line = LineOfCodes::Anything);

}  // namespace consultd
