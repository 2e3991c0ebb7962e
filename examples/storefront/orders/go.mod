module example.com/storefront/orders

go 1.26
