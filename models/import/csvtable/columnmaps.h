// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/csvtable/columnmap.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import::csvtable {

/// The maps of the user, one file for tables with the same header line: `tailscope/column-maps/<hash>.toml`
/// in the folder of configurations. Any thread.
std::filesystem::path columnMapFile(std::string_view headerLine);
/// The map that was used last for tables with this header; nullopt when none or when it cannot be read.
std::optional<ColumnMap> rememberedMap(std::string_view headerLine);
Result<void> rememberMap(std::string_view headerLine, const ColumnMap &map);

} // namespace tailscope::import::csvtable
