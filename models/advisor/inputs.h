// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::advisor {

/// A name that rules use in `needs`, bound to views of the public schema (inputs.toml).
struct Input
{
    std::string name;
    std::vector<std::string> views;
    std::vector<std::string> families; ///< table families of `generation`
    std::vector<std::string>
        present; ///< queries; the input is there when the first value of one of them is true
};

/// All inputs by name. A broken inputs.toml is our mistake and gives an empty list (a test checks it).
const std::vector<Input> &inputs();
/// nullptr when there is no such input.
const Input *inputByName(std::string_view name);
/// Reads the text of inputs.toml.
Result<std::vector<Input>> parseInputs(std::string_view toml);

} // namespace tailscope::advisor
