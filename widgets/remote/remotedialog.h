// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace tailscope::items {
class RemoteModel;
}

namespace tailscope::widgets {

/// Defines a remote store: the server, the table, and the mapping of its columns as a text that is guessed
/// from the columns, opened from a file or typed. Accepted only when the model took it.
class RemoteDialog : public QDialog
{
    Q_OBJECT
public:
    RemoteDialog(items::RemoteModel *model, QWidget *parent);
    void setStore(const QString &conninfo, const QString &mapping); ///< to change one
    void accept() override;

    QLineEdit *conninfoEdit() const { return m_conninfo; }
    QPlainTextEdit *mappingEdit() const { return m_mapping; }
    QComboBox *tableBox() const { return m_table; }
    QString message() const;

private:
    void openFile();
    void guess();
    void tell(const QString &text);

    items::RemoteModel *m_model;
    QLineEdit *m_conninfo, *m_password;
    QComboBox *m_table;
    QPlainTextEdit *m_mapping;
    QLabel *m_message;
};

} // namespace tailscope::widgets
