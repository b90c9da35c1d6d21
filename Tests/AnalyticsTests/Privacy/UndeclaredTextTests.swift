import Testing

@testable import Analytics

@Suite("The privacy of an undeclared text")
struct UndeclaredTextTests {
  private func namesAddress(_ name: String) -> Bool {
    var name = name
    return name.withUTF8 { UndeclaredText.namesAddress($0) }
  }

  @Test(
    "is that of an address if the whole text is one",
    arguments: [
      "ada@example.org", "ADA@EXAMPLE.ORG", "a@b.co", "ada+tag@mail.example.org", "ada@münchen.de",
      "名@例え.jp", "ada@xn--mnchen-3ya.de", "ada@example.org.", " ada@example.org\n",
      "mailto:ada@example.org", "\"a@b\"@example.org", "a@b.org,c@d.org", "git@github.com",
      "ada@3com.example", "hmac:ada@example.org", "ada\u{301}@example.org",
      "<ada@example.org>", "ada@example.org,", "(ada@example.org);", "\"ada@example.org\"",
      "*ada@example.org*", "`ada@example.org`", "[\"ada@example.org\"]", "?ada@example.org!",
    ])
  func addresses(text: String) {
    #expect(UndeclaredText.isAddress(text))
    #expect(UndeclaredText.privacy(of: text, under: "note" as StaticString) == .email)
    #expect(UndeclaredText.privacy(ofName: text) == .email)
  }

  @Test(
    "is not that of an address if only a part is one, or there is no domain",
    arguments: [
      "", "@", "ada", "ada@", "@example.org", "ada@localhost", "call ada@example.org",
      "ada@example.org now", "Ada <ada@example.org>", "ada lovelace@example.org",
      "ada@example..org",
      "ada@.org", "ada@example.org..", "ada@example.7", "ada@10.0.0.1", "lodash@4.17.1",
      "swift@6.2.0-rc1", "git@github.com:owner/name", "git@github.com/owner", "ada@exa_mple.org",
      "ada@exam ple.org", "a\u{0}da@example.org", " @example.org",
      "hmac:0123456789abcdef0123456789abcdef", "<@example.org>", "(@)", "<>", "<ada@>",
    ])
  func others(text: String) {
    #expect(!UndeclaredText.isAddress(text))
    #expect(UndeclaredText.privacy(of: text, under: "note") == .freeText)
  }

  @Test(
    "is that of an address if the name of the field indicates one",
    arguments: [
      "email", "EMAIL", "Email", "e_mail", "e-mail", "E-Mail", "mail", "Mail", "user_email",
      "userEmail", "userMail", "UserEMail", "USER_EMAIL", "user.email", "work e-mail",
      "email_address", "emailAddress", "EMAIL_ADDRESS", "mail-address", "email2Email",
      "emails", "e_mails", "userEmails", "USER_EMAILS", "emailaddress",
      "email_addresses",
      "workEmailAddresses", "mailAddress", "mails",
    ])
  func names(name: String) {
    #expect(namesAddress(name))
    #expect(UndeclaredText.privacy(of: "ada", under: name) == .email)
  }

  @Test(
    "is not that of an address if the name of the field only resembles such a name",
    arguments: [
      "", "l", "s", "_", "gmail", "hotmail", "useremail", "voicemail", "email_id", "mailbox",
      "email_",
      "emailss",
      "address", "ip_address", "addresses", "total", "details", "mail_s", "ém\u{301}ail",
      "hotmailaddress", "emailaddresss",
    ])
  func otherNames(name: String) {
    #expect(!namesAddress(name))
    #expect(UndeclaredText.privacy(of: "ada", under: name) == .freeText)
  }
}
