/// Certificates and keys that guard nothing, good for a hundred years.
enum TLSTestFiles {
    /// For `localhost` and 127.0.0.1, signed by itself.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmjCCAUGgAwIBAgIUKL+ewfweWcQSDO8R/nv2JPh/y98wCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTA2NTIyM1oYDzIxMjYxMTAx
        MDY1MjIzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATA5HhOZaoxc5uy5N8RslJRDwjmR9upUKFkcP1Pf3JPRZjEcYs08AUJ
        FRtSemfcZGWKvhmQWcTZZC0x8GkZ8GZ5o28wbTAdBgNVHQ4EFgQUeGx8H58A//Ti
        yG7GagDfbWQGRGYwHwYDVR0jBBgwFoAUeGx8H58A//TiyG7GagDfbWQGRGYwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDRwAwRAIgKGI8nS2PxCS763jdm9ObfazdMSwvdtAdhVonuffUFLACICZw
        M4QXz+WCnQHqQJfPGe4q+sxoxTc+4m45MdtjMjEf
        -----END CERTIFICATE-----

        """
    /// The key of ``certificate``.
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZpD7g5XFBaE10V0J
        nX0j/BkLHezvkCHB1ai5ti4FgzyhRANCAATA5HhOZaoxc5uy5N8RslJRDwjmR9up
        UKFkcP1Pf3JPRZjEcYs08AUJFRtSemfcZGWKvhmQWcTZZC0x8GkZ8GZ5
        -----END PRIVATE KEY-----

        """
    /// A key of no certificate.
    static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwmW//a3rEwxYii3d
        dJ8qlf1enb/epf82OR4vaCNk6fmhRANCAATu0Vqtm6VgW8EL4iTwy8y9kh8AHt8T
        MBtEbgbqQp8AMIWRo6GLwElVWEj80sNx7RdNkPK0wwf7KIRMaGSalxgf
        -----END PRIVATE KEY-----

        """
    /// The key of ``certificate``, under a password.
    static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj5/Rzu4/gMcQICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECN7qUttXwvaIcAfbPzxUbUEgZDV
        H3Z1hou6mdIKd62jOdvHp2W5xo22lZcQTW8ViqXxmpuRX1qpt1d0nziWHXQ5W0Wq
        VLr2+smr/v/FtQ2e45yXfketYRXvxp8z24ksFDRXwqygiEPtIIW/Y3aehevVKNWH
        cnpn/oCAU/HVlXrnOS0XKN4DS7MosNi1ZAEwNtWksZWMsynvwSixJJSJR260SK0=
        -----END ENCRYPTED PRIVATE KEY-----

        """

    /// All of them, by the names of files.
    static let all = [
        "server.crt": certificate, "server.key": key, "other.key": otherKey, "encrypted.key": encryptedKey,
        "client_selfsigned.pem": certificate, "client2_selfsigned.pem": certificate, "empty.pem": "",
    ]
}
