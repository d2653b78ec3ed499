// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importjob.h"

#include <QDialog>
#include <QStringList>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace tailscope::app {

/// Open with a stated format, time zone, clock offset and meaning of columns (what `import --format
/// --timezone --offset --map` takes).
class OpenOptionsDialog : public QDialog
{
    Q_OBJECT
public:
    explicit OpenOptionsDialog(QWidget *parent);
    QStringList files() const { return m_files; }
    import::ImportOptions options() const;

private:
    void choose();
    void check();
    void chooseColumns();

    QStringList m_files;
    QLabel *m_names, *m_problem;
    QComboBox *m_format, *m_zone;
    QLineEdit *m_offset;
    QPushButton *m_columns, *m_import;
    std::string m_columnMap; ///< TOML; empty = none was made
};

} // namespace tailscope::app
