// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace tailscope::import {

/// A format that is known by its first bytes but not read: some would have to be executed to be read, others
/// are bound to the version of the tool that wrote them.
struct ForeignFormat
{
    std::string_view id; ///< stable: "python-pickle"
    std::string_view what; ///< "a Python pickle"
    std::string_view convert; ///< how to get something readable, one sentence
};

/// What the first bytes are when no importer wants them; nullptr = unknown. prefix: decompressed, hostile.
const ForeignFormat *foreignFormat(std::string_view prefix);

} // namespace tailscope::import
