// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// libFuzzer entry; TS_FUZZ_FORMAT names the importer.
#include "fuzzcase.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const tailscope::import::Importer *const importer
        = tailscope::import::importerById(TS_FUZZ_FORMAT);
    tailscope::fuzzing::require(importer != nullptr, "the format exists");
    tailscope::fuzzing::readHostile(*importer, {reinterpret_cast<const char *>(data), size});
    return 0;
}
