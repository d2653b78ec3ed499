// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

#include <string_view>

namespace tailscope::import::explain {

Confidence sniffJsonPlan(std::string_view prefix);
Confidence sniffTextPlan(std::string_view prefix);

Confidence sniffXmlPlan(std::string_view prefix);
Confidence sniffYamlPlan(std::string_view prefix);

/// "XML" or "YAML" when the text is EXPLAIN output in that form, else empty.
std::string_view markupForm(std::string_view prefix);

} // namespace tailscope::import::explain
