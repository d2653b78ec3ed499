// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "report/anonymnames.h"

#include <string>
#include <string_view>

namespace tailscope::report {

/// A property's value with other names, as its key says what it is made of.
std::string anonymisedValue(AnonymNames &names, std::string_view key, std::string_view value);

/// Plans in these forms, whole or broken; only values of strings are looked into, the rest of the text stays
/// as it is.
std::string anonymisedJson(AnonymNames &names, std::string_view text);
std::string anonymisedXml(AnonymNames &names, std::string_view text);
std::string anonymisedYaml(AnonymNames &names, std::string_view text);

} // namespace tailscope::report
