// Packet page: the packet as one HTML file for a consultant: no scripts, nothing loaded from
// outside, every value with a link to where it came from. It arranges what the record says and adds
// no finding. Knows nothing of the Bundle's structure.
#pragma once

#include "adapter/knowledge/knowledge.h"
#include "adapter/stages/completeness/completeness.h"
#include "adapter/stages/packet.h"

namespace consultd {

struct PacketPage {
    const PacketInput& input;
    const Knowledge& knowledge;
    const Reading& reading;  // of the resources as they stand in the document
    const std::vector<ChecklistItem>& checklist;
    const std::string& letter;  // that asks for what is missing; empty: nothing is
    std::string identifier;     // of the document
};

std::string packet_html(const PacketPage& page);

}  // namespace consultd
